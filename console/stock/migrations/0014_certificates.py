"""Sealed certificates by SKU, counts that wait for a second person, looks for stuck units."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ID = (
    "id",
    models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    ),
)
SQL = Path(__file__).resolve().parent.parent / "sql"


def kept(to, **words):
    """What a row refers to stays as long as the row."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, **words
    )


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0013_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SkuCertificate",
            fields=[
                ID,
                ("campaign", models.CharField(max_length=20)),
                ("content", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("sku", kept("stock.sku")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "sku"), name="sku_certificate_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(hash__regex="^[0-9a-f]{64}$"),
                        name="sku_certificate_has_a_hash",
                    ),
                ]
            },
        ),
        migrations.RunSQL((SQL / "certificates.sql").read_text()),
        migrations.CreateModel(
            name="UndersellRun",
            fields=[
                ID,
                ("at", models.DateTimeField()),
                ("ms", models.IntegerField()),
                ("units", models.IntegerField()),
                ("findings", models.JSONField(default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="undersell_run_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(ms__gte=0, units__gte=0),
                        name="undersell_run_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=Q(units=0, findings=[])
                        | (Q(units__gt=0) & ~Q(findings=[])),
                        name="undersell_run_names_what_is_stuck",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingCount",
            fields=[
                ID,
                ("on_hand", models.IntegerField()),
                ("committed", models.IntegerField()),
                ("buffer", models.IntegerField()),
                ("version", models.PositiveIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("approved", models.BooleanField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("by", kept(settings.AUTH_USER_MODEL)),
                ("decided_by", kept(settings.AUTH_USER_MODEL, null=True)),
                ("level", kept("stock.level")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(approved=None),
                        fields=("level",),
                        name="pending_count_one_open_a_level",
                    ),
                    models.CheckConstraint(
                        condition=~Q(approved=True) | ~Q(decided_by=F("by")),
                        name="pending_count_has_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=Q(approved=None, decided_by=None, decided_at=None)
                        | Q(
                            approved__isnull=False,
                            decided_by__isnull=False,
                            decided_at__isnull=False,
                        ),
                        name="pending_count_decided_at_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(on_hand__gte=0, committed__gte=0, buffer__gte=0),
                        name="pending_count_is_not_negative",
                    ),
                ]
            },
        ),
    ]
