"""A broken glass notes what it passed over."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0020_undo_of_made_lines'),
    ]

    operations = [
        migrations.AddField(
            model_name='breakglass',
            name='passed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None),
        ),
    ]
