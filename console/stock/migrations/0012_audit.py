"""Every look at the balances is kept, and what is rebuilt is proposed and approved."""

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


def person(**words):
    """Who did it stays."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        **words,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0011_truth"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                ID,
                ("at", models.DateTimeField()),
                ("ms", models.IntegerField()),
                ("entries", models.BigIntegerField()),
                ("wrong", models.IntegerField()),
                ("violations", models.JSONField(default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="audit_run_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(ms__gte=0, entries__gte=0, wrong__gte=0),
                        name="audit_run_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=Q(wrong=0, violations=[])
                        | (Q(wrong__gt=0) & ~Q(violations=[])),
                        name="audit_run_names_what_is_wrong",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rebuild",
            fields=[
                ID,
                ("plan", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("proposed_by", person()),
                ("proposed_at", models.DateTimeField()),
                ("approved_by", person(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(approved_by=None)
                        | ~Q(approved_by=F("proposed_by")),
                        name="rebuild_has_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=Q(approved_by=None, approved_at=None)
                        | Q(approved_by__isnull=False, approved_at__isnull=False),
                        name="rebuild_approved_at_once",
                    ),
                    models.CheckConstraint(
                        condition=~Q(plan=[]), name="rebuild_has_a_plan"
                    ),
                ]
            },
        ),
    ]
