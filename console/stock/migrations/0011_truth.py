"""What locations hold back becomes part of the ledger.

Buffers of before get an entry that says so: the ledger only grows.
"""

from django.db import migrations, models

ACCOUNTS = [
    (name, name.capitalize())
    for name in (
        "outside", "free", "held", "committed", "pool", "buffer", "reserved", "sold",
        "shipped", "returned",
    )
]
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
    ]
