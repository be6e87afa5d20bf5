"""The law a sale was armed and opened by, and prices for members."""

import django.db.models.deletion
from django.db import migrations, models

from console.campaigns.rules import PriceKind


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0016_market_options'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='campaign',
            name='campaign_price_kind_is_known',
        ),
        migrations.AlterField(
            model_name='campaign',
            name='price_kind',
            field=models.CharField(choices=[('public', 'Everybody'), ('members', 'Members, or holders of a code anybody can get'), ('personal', 'One shopper, personally'), ('conditional', 'Buyers of several together, as 3 for 2')], default=PriceKind['PUBLIC'], help_text='Whom the price is for, as the law on reductions asks.', max_length=11),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('price_kind__in', ['public', 'members', 'personal', 'conditional'])), name='campaign_price_kind_is_known'),
        ),
        migrations.CreateModel(
            name='KeptLaw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('packs', models.JSONField()),
                ('goods', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='kept_law', to='campaigns.campaign')),
            ],
        ),
    ]
