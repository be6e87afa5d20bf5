"""The results of closed sales."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("campaign", models.CharField(max_length=20, unique=True)),
                ("data", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("frozen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=~Q(hash=""), name="result_is_sealed"
                    )
                ],
            },
        ),
    ]
