"""Which filter gave a line its price.

Lines that are there already count as chosen by themselves: no filter lowers them. The
index is made beside the writers of a large table, so this is no one transaction.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('campaigns', '0010_carts_at_end'),
        ('stock', '0008_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='line',
            name='source',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.sourcefilter'),
        ),
        migrations.AddField(
            model_name='line',
            name='source_price',
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name='undorow',
            name='source_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='undorow',
            name='source_price',
            field=models.DecimalField(decimal_places=3, max_digits=14, null=True),
        ),
        AddIndexConcurrently(
            model_name='line',
            index=models.Index(condition=models.Q(('source__isnull', False)), fields=['source'], name='line_of_source'),
        ),
    ]
