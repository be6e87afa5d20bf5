"""Defaults in the database: a process of before may still write while it runs."""

import console.campaigns.rules.offering
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0018_line_index'),
    ]

    operations = [
        migrations.AlterField(
            model_name='campaign',
            name='price_kind',
            field=models.CharField(choices=[(console.campaigns.rules.offering.PriceKind['PUBLIC'], 'Everybody'), (console.campaigns.rules.offering.PriceKind['MEMBERS'], 'Members, or holders of a code anybody can get'), (console.campaigns.rules.offering.PriceKind['PERSONAL'], 'One shopper, personally'), (console.campaigns.rules.offering.PriceKind['CONDITIONAL'], 'Buyers of several together, as 3 for 2')], db_default=console.campaigns.rules.offering.PriceKind['PUBLIC'], default=console.campaigns.rules.offering.PriceKind['PUBLIC'], help_text='Whom the price is for, as the law on reductions asks.', max_length=11),
        ),
        migrations.AlterField(
            model_name='freeze',
            name='markets',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, db_default=[], default=list, help_text='Codes; every market if there is none.', size=None),
        ),
        migrations.AlterField(
            model_name='market',
            name='options',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AlterField(
            model_name='risktable',
            name='currency',
            field=models.CharField(blank=True, db_default='', max_length=3),
        ),
        migrations.AlterField(
            model_name='risktable',
            name='rates',
            field=models.CharField(blank=True, db_default='', max_length=300),
        ),
    ]
