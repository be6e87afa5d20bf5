"""Ids that begin with the time, and beside them a digest of client, buyer and key.

Rows that are there keep their id.
"""

from hashlib import blake2b
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = (
    "DROP FUNCTION stock_reserve(text[], text[], int[], uuid[], int[], text[], text[],"
    " bytea[], text[], int[], int[], int[], int[], timestamptz);\n"
)
MANY = 5_000
DIGESTS = """
UPDATE stock_reservation r SET digest = w.digest
FROM unnest(%s::uuid[], %s::uuid[]) AS w (id, digest) WHERE r.id = w.id
"""


def functions(name: str, *, before: str = "") -> migrations.RunSQL:
    """Run a file of functions again; there is no way back to the columns of before."""
    return migrations.RunSQL(before + (SQL / f"{name}.sql").read_text())


def digest(*of):
    """As `key_digest` of that time."""
    h = blake2b("\n".join(of).encode(), digest_size=16).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-8{h[17:20]}-{h[20:]}"


def digests(apps, schema_editor):
    """What was reserved before is found by its key as well; what was offered by its id."""
    offered = apps.get_model("stock", "Waiter").objects.values("id")
    rows = apps.get_model("stock", "Reservation").objects.exclude(id__in=offered)
    named = rows.order_by("id").values_list("id", "client", "buyer", "key")
    part = list(named[:MANY])
    while part:
        told = [(one[0], digest(*one[1:])) for one in part]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(DIGESTS, [list(column) for column in zip(*told)])
        part = list(named.filter(id__gt=part[-1][0])[:MANY])
    kept = apps.get_model("stock", "Reservation").objects.filter(digest=None)
    kept.update(digest=models.F("id"))


class Migration(migrations.Migration):
    """The digest, its index, and the functions that write it."""

    dependencies = [("stock", "0019_mended")]
    operations = [
        migrations.AddField("reservation", "digest", models.UUIDField(null=True)),
        migrations.RunPython(digests),
        migrations.AlterField("reservation", "digest", models.UUIDField()),
        migrations.AddConstraint(
            "reservation",
            models.UniqueConstraint(
                fields=["buyer", "digest"], name="reservation_once_a_key"
            ),
        ),
        migrations.RemoveIndex("reservation", "reservation_buyer"),
        functions("reserve", before=DROP),
        functions("reclaim"),
        functions("offers"),
    ]
