"""What locations hold back becomes part of the ledger.

Buffers of before get an entry that says so: the ledger only grows.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

ACCOUNTS = [
    (name, name.capitalize())
    for name in (
        "outside", "free", "held", "committed", "pool", "buffer", "reserved", "sold",
        "shipped", "returned",
    )
]
KINDS = [(n, n.capitalize()) for n in ("shipped", "returned", "cancelled")]
ID = (
    "id",
    models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    ),
)


def kept(to, **words):
    """What a row refers to stays as long as the row."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, to=to, **words
    )


OPENING = """
INSERT INTO stock_movement (at, sku_id, location_id, source, target, units, reason)
SELECT clock_timestamp(), sku_id, location_id, 'free', 'held', buffer,
       'opening entry of the buffer'
FROM stock_level WHERE buffer > 0 ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0010_gate")]

    operations = [
        *(
            migrations.AlterField(
                model_name="movement",
                name=name,
                field=models.CharField(choices=ACCOUNTS, max_length=10),
            )
            for name in ("source", "target")
        ),
        migrations.RunSQL(OPENING, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ID,
                ("sold", models.IntegerField()),
                ("shipped", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("cancelled", models.IntegerField(default=0)),
                ("allocation", kept("stock.allocation")),
                ("reservation", kept("stock.reservation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reservation", "allocation"),
                        name="delivery_one_per_line",
                    ),
                    models.CheckConstraint(
                        condition=Q(returned__gte=0, cancelled__gte=0),
                        name="delivery_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=Q(sold__gte=F("shipped") + F("cancelled")),
                        name="delivery_ships_what_was_sold",
                    ),
                    models.CheckConstraint(
                        condition=Q(shipped__gte=F("returned")),
                        name="delivery_takes_back_what_was_shipped",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ID,
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("line", models.CharField(blank=True, max_length=64)),
                ("units", models.IntegerField()),
                ("damaged", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("allocation", kept("stock.allocation")),
                ("location", kept("stock.location", null=True)),
                ("reservation", kept("stock.reservation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "reservation", "allocation", "kind", "line", "location",
                        ),
                        name="settlement_once_per_line",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(units__gte=1), name="settlement_has_units"
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _ in KINDS]),
                        name="settlement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(damaged=False) | Q(kind="returned"),
                        name="settlement_damaged_came_back",
                    ),
                ]
            },
        ),
    ]
