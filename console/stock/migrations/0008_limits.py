"""Who met a purchase limit, and the functions that write it down.

There is no way back: without the table the functions would refuse every buyer.
"""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0007_scarcity'),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitBreach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.CharField(max_length=20)),
                ('buyer', models.CharField(max_length=128)),
                ('rule', models.CharField(max_length=11)),
                ('times', models.PositiveIntegerField()),
                ('units', models.PositiveIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', '-last_at'], name='limit_breach_last')],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'buyer', 'rule'), name='limit_breach_once_a_rule'), models.CheckConstraint(condition=models.Q(('rule__in', ['buyer_limit', 'order_limit', 'paid_over'])), name='limit_breach_rule_is_known')],
            },
        ),
        *(
            migrations.RunSQL(
                (SQL / f"{name}.sql")
                .read_text()
                .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            )
            for name in ("reserve", "settle")
        ),
    ]
