"""What an "up to" claim names."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0014_price_kind'),
        ('fatigue', '0004_audience'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='up_to_percent',
            field=models.PositiveSmallIntegerField(blank=True, help_text='What “up to X%” names, where it is said.', null=True),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('up_to_percent', None), ('up_to_percent__range', (1, 99)), _connector='OR'), name='campaign_up_to_is_a_percentage'),
        ),
    ]
