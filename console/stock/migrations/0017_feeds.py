"""Empty until its package is merged."""

from django.db import migrations


class Migration(migrations.Migration):
    """Nothing yet."""

    dependencies = [("stock", "0016_publishing")]
    operations = []
