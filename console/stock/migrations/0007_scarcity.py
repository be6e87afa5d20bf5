"""What shops were given to say about the last units, and the function that says it."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0006_carts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScarcityText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.CharField(max_length=20)),
                ('units', models.PositiveIntegerField(help_text='Units left, as the ledger said.')),
                ('text', models.CharField(max_length=100)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('times', models.PositiveIntegerField()),
                ('current', models.BooleanField()),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='stock.sku')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('current', True)), fields=('campaign', 'sku'), name='scarcity_text_one_current'), models.CheckConstraint(condition=models.Q(('times__gte', 1), ('units__gte', 1), models.Q(('text', ''), _negated=True)), name='scarcity_text_tells_of_units'), models.CheckConstraint(condition=models.Q(('until_at__gte', models.F('from_at'))), name='scarcity_text_ends_after_it_began')],
            },
        ),
        migrations.RunSQL(
            (SQL / "scarcity.sql").read_text(), "DROP FUNCTION stock_scarcity;"
        ),
    ]
