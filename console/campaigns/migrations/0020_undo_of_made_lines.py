"""Lines a change made are known by their keys; what was kept before is dropped."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0019_database_defaults'),
    ]

    operations = [
        migrations.RunSQL(
            [
                "delete from campaigns_undorow",
                "delete from campaigns_undo",
                "set constraints all immediate",
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name='undo',
            name='made',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='Lines it made.'),
        ),
        migrations.AddField(
            model_name='undo',
            name='until_line',
            field=models.BigIntegerField(db_default=0, default=0, help_text='The highest it made.'),
        ),
        migrations.AlterField(
            model_name='undorow',
            name='undo',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='campaigns.undo'),
        ),
    ]
