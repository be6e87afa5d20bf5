"""Freezes of some markets."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0012_risk_rates'),
    ]

    operations = [
        migrations.AddField(
            model_name='freeze',
            name='markets',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, default=list, help_text='Codes; every market if there is none.', size=None),
        ),
    ]
