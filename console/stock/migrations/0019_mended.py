"""Empty until its package is merged."""

from django.db import migrations


class Migration(migrations.Migration):
    """Nothing yet."""

    dependencies = [("stock", "0018_soldout_policy")]
    operations = []
