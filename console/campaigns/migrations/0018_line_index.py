"""One index instead of two: the unique key of lines begins with the campaign."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0017_law_kept'),
    ]

    operations = [
        migrations.AlterField(
            model_name='line',
            name='campaign',
            field=models.ForeignKey(db_index=False, help_text='The unique key begins with it: one index for both.', on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='campaigns.campaign'),
        ),
    ]
