"""Who resolved a shortfall, how and with what note: all of it, or none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WAYS = ["refund", "substitute", "backorder"]


class Migration(migrations.Migration):
    """Nobody could resolve one before."""

    dependencies = [
        ("stock", "0021_pending_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "shortfall",
            "note",
            models.CharField(max_length=200, blank=True, db_default=""),
        ),
        migrations.AddField(
            "shortfall",
            "resolved_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
            ),
        ),
        migrations.AlterField(
            "shortfall",
            "resolution",
            models.CharField(
                max_length=200,
                blank=True,
                choices=[(way, way.capitalize()) for way in WAYS],
            ),
        ),
        migrations.AddConstraint(
            "shortfall",
            models.CheckConstraint(
                condition=models.Q(
                    resolved_at=None, resolved_by=None, resolution="", note=""
                )
                | models.Q(
                    resolved_at__isnull=False,
                    resolved_by__isnull=False,
                    resolution__in=WAYS,
                ),
                name="shortfall_resolved_at_once",
            ),
        ),
    ]
