"""A limit for each order: a column of the gate, and the function that asks it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0003_brand")]

    operations = [
        migrations.AddField(
            model_name="salegate",
            name="order_limit",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(
            (SQL / "reserve.sql")
            .read_text()
            .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            migrations.RunSQL.noop,
        ),
    ]
