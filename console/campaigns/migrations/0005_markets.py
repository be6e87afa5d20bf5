"""Where a sale happens, and who owns the price of a SKU there."""

import console.campaigns.models.campaign
import console.campaigns.models.owner
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0004_bulk'),
        ('fatigue', '0003_scopes'),
        ('stock', '0003_brand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='Market',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('zone', models.CharField(max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('pack', models.CharField(default='eu', max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='MarketCountry',
            fields=[
                ('country', models.CharField(help_text='ISO 3166-1', max_length=2, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Outlet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('connection', models.CharField(max_length=60, unique=True)),
                ('channel', models.SlugField(default='web', max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='PriceOwner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('places', console.campaigns.models.owner.PlacesField()),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
        ),
        migrations.AddField(
            model_name='campaign',
            name='channels',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=console.campaigns.models.campaign._web, size=None),
        ),
        migrations.AddField(
            model_name='campaign',
            name='markets',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, help_text='Codes; all markets of its currency if there is none.', size=None),
        ),
        migrations.AddField(
            model_name='campaign',
            name='start_mode',
            field=models.CharField(choices=[("instant", 'One instant everywhere'), ("rolling", 'The same local time in each market')], default="instant", max_length=8),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('start_mode__in', ['instant', 'rolling'])), name='campaign_start_mode_is_known'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('channels__len__gt', 0)), name='campaign_has_a_channel'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(('slug', 'web'), _negated=True), name='channel_web_has_no_row'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(('pk__lt', 524288)), name='channel_number_fits'),
        ),
        migrations.AddConstraint(
            model_name='market',
            constraint=models.CheckConstraint(condition=models.Q(('pk__lt', 4096)), name='market_number_fits'),
        ),
        migrations.AddConstraint(
            model_name='market',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z][A-Z0-9-]*$')), name='market_has_a_code'),
        ),
        migrations.AddConstraint(
            model_name='market',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='market_currency_is_a_code'),
        ),
        migrations.AddField(
            model_name='marketcountry',
            name='market',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='countries', to='campaigns.market'),
        ),
        migrations.AddField(
            model_name='outlet',
            name='markets',
            field=models.ManyToManyField(related_name='outlets', to='campaigns.market'),
        ),
        migrations.AddField(
            model_name='priceowner',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='owned', to='campaigns.campaign'),
        ),
        migrations.AddField(
            model_name='priceowner',
            name='sku',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stock.sku'),
        ),
        migrations.AddConstraint(
            model_name='marketcountry',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='market_country_is_a_code'),
        ),
        migrations.AddConstraint(
            model_name='priceowner',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('sku'), models.F('sku'), models.Value('[]'), function='int8range'), '&&'), (models.F('places'), '&&'), (models.F('during'), '&&')], name='price_has_one_owner'),
        ),
    ]
