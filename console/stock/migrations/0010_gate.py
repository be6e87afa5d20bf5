"""The gate's functions as they are now: they reclaim what is needed and tell what is back.

There is no way back: older code calls functions that are gone.
"""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
GONE = """
DROP FUNCTION IF EXISTS stock_sweep(timestamptz);
DROP FUNCTION IF EXISTS stock_reclaim(bigint[], timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0009_goods")]

    operations = [
        migrations.RunSQL(GONE),
        *(
            migrations.RunSQL(
                (SQL / f"{name}.sql")
                .read_text()
                .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            )
            for name in ("reclaim", "reserve", "settle", "back")
        ),
        migrations.RemoveIndex(model_name="reservation", name="reservation_held"),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("returned_at", None)),
                fields=["id"],
                name="allocation_open",
            ),
        ),
    ]
