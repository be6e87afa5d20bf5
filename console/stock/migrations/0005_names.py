"""The variants of a product are found by its name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stock", "0004_terms")]

    operations = [
        migrations.AddIndex(
            model_name="sku",
            index=models.Index(fields=["name"], name="sku_of_name"),
        ),
    ]
