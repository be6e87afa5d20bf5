"""Whom a price is for."""

import console.campaigns.rules.offering
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0013_freezes'),
        ('fatigue', '0004_audience'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='price_kind',
            field=models.CharField(choices=[(console.campaigns.rules.offering.PriceKind['PUBLIC'], 'Everybody'), (console.campaigns.rules.offering.PriceKind['PERSONAL'], 'One shopper, personally'), (console.campaigns.rules.offering.PriceKind['CONDITIONAL'], 'Members, or on a condition')], default=console.campaigns.rules.offering.PriceKind['PUBLIC'], help_text='Whom the price is for, as the law on reductions asks.', max_length=11),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('price_kind__in', ['public', 'personal', 'conditional'])), name='campaign_price_kind_is_known'),
        ),
    ]
