"""What other currencies count for in the table of risks."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0011_line_source'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='risktable',
            name='currency',
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name='risktable',
            name='rates',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddConstraint(
            model_name='risktable',
            constraint=models.CheckConstraint(condition=models.Q(('rates', ''), models.Q(('currency', ''), _negated=True), _connector='OR'), name='risk_table_rates_are_of_a_currency'),
        ),
    ]
