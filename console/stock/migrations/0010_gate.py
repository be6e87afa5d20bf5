"""The gate's functions as they are now."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0009_goods")]

    operations = [
        migrations.RunSQL(
            (SQL / f"{name}.sql")
            .read_text()
            .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            migrations.RunSQL.noop,
        )
        for name in ("reserve", "settle")
    ]
