"""A word about the column of rows that were tried; the table stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The help text only."""

    dependencies = [("stock", "0018_soldout_policy")]
    operations = [
        migrations.AlterField(
            model_name="levelimport",
            name="checked",
            field=models.PositiveIntegerField(
                default=0, help_text="Rows tried so far."
            ),
        ),
    ]
