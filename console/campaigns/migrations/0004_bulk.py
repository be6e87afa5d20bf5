"""Large sheets: staged rows, and how many rows each import counted."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

COUNT = """
update campaigns_importjob j set total = told.total,
    checked = least(checked, told.total), created = told.created,
    updated = told.updated, unchanged = told.unchanged, skipped = told.skipped,
    failed = told.failed
from (
    select i.id, count(r.id) as total,
        count(*) filter (where r.outcome = 'created') as created,
        count(*) filter (where r.outcome = 'updated') as updated,
        count(*) filter (where r.outcome = 'unchanged') as unchanged,
        count(*) filter (where r.outcome = 'skipped') as skipped,
        count(*) filter (where r.outcome = 'failed') as failed
    from campaigns_importjob i left join campaigns_importrow r on r.job_id = i.id
    where i.state in ('checked', 'applying', 'done') group by i.id
) told where told.id = j.id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0003_freeze'),
    ]

    operations = [
        migrations.CreateModel(
            name='StagedRow',
            fields=[
                ('pk', models.CompositePrimaryKey('job_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='staged', to='campaigns.importjob')),
                ('number', models.PositiveIntegerField(help_text='As a spreadsheet counts it.')),
                ('skip', models.TextField(help_text='Why the row is left out.')),
                ('sku', models.TextField()),
                ('regular_price', models.TextField()),
                ('sale_price', models.TextField()),
                ('units', models.TextField()),
                ('buffer', models.TextField()),
                ('problem', models.TextField(help_text='Column to sentence, as JSON.')),
                ('product', models.TextField(help_text='What a new SKU is made from, as JSON.')),
                ('raw', models.TextField(help_text='The cells as given, as JSON.')),
            ],
        ),
        migrations.RunSQL(
            'alter table campaigns_stagedrow set unlogged',
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(
            model_name='importrow',
            name='values',
        ),
        migrations.AddField(
            model_name='importjob',
            name='bulk',
            field=models.BooleanField(default=False, help_text='Large: staged by COPY and judged by SQL.'),
        ),
        migrations.AddField(
            model_name='importjob',
            name='created',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='importjob',
            name='failed',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='importjob',
            name='skipped',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='importjob',
            name='unchanged',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='importjob',
            name='updated',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='job',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='campaigns.importjob'),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='importjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['checked', 'applying', 'done']), _negated=True), ('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.F('updated')), '+', models.F('unchanged')), '+', models.F('skipped')), '+', models.F('failed'))), _connector='OR'), name='import_counts_every_row'),
        ),
    ]
