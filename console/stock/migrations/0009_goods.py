"""What the law on reductions asks of goods."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0008_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='sku',
            name='on_market_since',
            field=models.DateField(blank=True, help_text='Where it is a new arrival.', null=True),
        ),
        migrations.AddField(
            model_name='sku',
            name='perishable',
            field=models.BooleanField(db_default=False, default=False, help_text='It deteriorates or expires rapidly.'),
        ),
    ]
