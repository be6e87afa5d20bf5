"""What is held back, by policy, rule and wave; a level says what policies hold there."""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql" / "buffers.sql"
GONE = """
DROP TRIGGER level_is_new ON stock_level;
DROP TRIGGER level_is_counted ON stock_level;
DROP TRIGGER sku_is_of_another_category ON stock_sku;
DROP FUNCTION stock_buffer_due();
DROP FUNCTION stock_buffer_moved();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0014_certificates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BufferDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='BufferPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('sku', 'Sku'), ('category', 'Category'), ('location', 'Location'), ('channel', 'Channel'), ('master', 'Master')], max_length=8)),
                ('target', models.CharField(blank=True, max_length=200)),
                ('units', models.IntegerField(blank=True, null=True)),
                ('percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)])),
                ('low_at', models.IntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BufferRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.CharField(max_length=20)),
                ('when', models.CharField(choices=[('lag_below', 'Lag_below'), ('last_percent', 'Last_percent'), ('manual', 'Manual')], max_length=12)),
                ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('units', models.IntegerField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_units', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Wave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.CharField(max_length=20)),
                ('position', models.PositiveIntegerField()),
                ('share', models.DecimalField(decimal_places=2, max_digits=5)),
                ('after_s', models.PositiveIntegerField(blank=True, null=True)),
                ('after_sold', models.PositiveIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('opened_units', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='WavePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('units', models.IntegerField()),
                ('locked_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='level',
            name='policy_buffer',
            field=models.IntegerField(db_default=0, default=0, help_text='Units that buffer policies hold back.'),
        ),
        migrations.AddField(
            model_name='salegate',
            name='ends_at',
            field=models.DateTimeField(blank=True, help_text='When the sale ends, as far as it is known.', null=True),
        ),
        migrations.RemoveField(model_name='level', name='free'),
        migrations.AddField(
            model_name='level',
            name='free',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Greatest(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('on_hand'), '-', models.F('committed')), '-', models.F('allocated')), '-', models.F('buffer')), '-', models.F('policy_buffer')), 0), output_field=models.IntegerField()),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.CheckConstraint(condition=models.Q(('policy_buffer__gte', 0)), name='level_policies_hold_back'),
        ),
        migrations.AddField(
            model_name='bufferdue',
            name='sku',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='stock.sku'),
        ),
        migrations.AddField(
            model_name='bufferpolicy',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='bufferrule',
            name='allocation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='stock.allocation'),
        ),
        migrations.AddField(
            model_name='bufferrule',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wave',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wave',
            name='opened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wavepart',
            name='allocation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stock.allocation'),
        ),
        migrations.AddField(
            model_name='wavepart',
            name='wave',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='stock.wave'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('level', 'target'), name='buffer_policy_one_per_target'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['sku', 'category', 'location', 'channel', 'master'])), name='buffer_policy_level_is_known'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('percent__isnull', False), ('units', None)), models.Q(('percent', None), ('units__isnull', False)), _connector='OR'), name='buffer_policy_says_units_or_percent'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('units', None), ('units__gte', 0), _connector='OR'), name='buffer_policy_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('percent', None), models.Q(('percent__gte', 0), ('percent__lte', 100)), _connector='OR'), name='buffer_policy_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('low_at__gte', 0)), name='buffer_policy_guards_units'),
        ),
        migrations.AddConstraint(
            model_name='bufferpolicy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level', 'master'), ('target', '')), models.Q(models.Q(('level', 'master'), _negated=True), models.Q(('target', ''), _negated=True)), _connector='OR'), name='buffer_policy_names_its_target'),
        ),
        migrations.AddIndex(
            model_name='bufferrule',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['campaign'], name='buffer_rule_waiting'),
        ),
        migrations.AddConstraint(
            model_name='bufferrule',
            constraint=models.CheckConstraint(condition=models.Q(('when__in', ['lag_below', 'last_percent', 'manual'])), name='buffer_rule_when_is_known'),
        ),
        migrations.AddConstraint(
            model_name='bufferrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('value', None), ('when', 'manual')), models.Q(('value__gt', 0), ('when', 'lag_below')), models.Q(('value__gt', 0), ('value__lte', 100), ('when', 'last_percent')), _connector='OR'), name='buffer_rule_says_when'),
        ),
        migrations.AddConstraint(
            model_name='bufferrule',
            constraint=models.CheckConstraint(condition=models.Q(('units', None), ('units__gte', 1), _connector='OR'), name='buffer_rule_has_units'),
        ),
        migrations.AddConstraint(
            model_name='bufferrule',
            constraint=models.CheckConstraint(condition=models.Q(('done_units', 0), models.Q(('done_at__isnull', False), ('done_units__gte', 0)), _connector='OR'), name='buffer_rule_let_go_when_done'),
        ),
        migrations.AddIndex(
            model_name='wave',
            index=models.Index(condition=models.Q(('opened_at', None)), fields=['campaign', 'position'], name='wave_waiting'),
        ),
        migrations.AddConstraint(
            model_name='wave',
            constraint=models.UniqueConstraint(fields=('campaign', 'position'), name='wave_one_per_position'),
        ),
        migrations.AddConstraint(
            model_name='wave',
            constraint=models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 100)), name='wave_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='wave',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('after_s', None), ('after_sold__isnull', False)), models.Q(('after_s__isnull', False), ('after_sold', None)), _connector='OR'), name='wave_has_one_trigger'),
        ),
        migrations.AddConstraint(
            model_name='wave',
            constraint=models.CheckConstraint(condition=models.Q(('after_sold', None), models.Q(('after_sold__gte', 1), ('after_sold__lte', 100)), _connector='OR'), name='wave_waits_for_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='wave',
            constraint=models.CheckConstraint(condition=models.Q(('opened_units', 0), models.Q(('opened_at__isnull', False), ('opened_units__gte', 0)), _connector='OR'), name='wave_let_go_when_opened'),
        ),
        migrations.AddConstraint(
            model_name='wavepart',
            constraint=models.UniqueConstraint(fields=('wave', 'allocation'), name='wave_part_one_per_allocation'),
        ),
        migrations.AddConstraint(
            model_name='wavepart',
            constraint=models.CheckConstraint(condition=models.Q(('units__gte', 1)), name='wave_part_has_units'),
        ),
        migrations.RunSQL(SQL.read_text(), reverse_sql=GONE),
    ]
