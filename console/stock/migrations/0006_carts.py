"""When holds end at the latest: a column of the gate, and the function that asks it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0005_names")]

    operations = [
        migrations.AddField(
            model_name="salegate",
            name="holds_until",
            field=models.DateTimeField(
                blank=True, help_text="When every hold ends at the latest.", null=True
            ),
        ),
        migrations.RunSQL(
            (SQL / "reserve.sql")
            .read_text()
            .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            migrations.RunSQL.noop,
        ),
    ]
