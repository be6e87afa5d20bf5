"""What shops show of each SKU, and sheets of levels on their way in."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0015_buffers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shopfront",
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
                ("connection", models.SlugField(max_length=40, unique=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("look_ms", models.PositiveIntegerField(default=0)),
                ("held_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("error_kind", models.CharField(blank=True, max_length=40)),
                (
                    "repaired",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="SKUs somebody else had changed at the shop.",
                    ),
                ),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_at", None),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="shopfront_stopped_says_why",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Shown",
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
                ("connection", models.SlugField(db_index=False, max_length=40)),
                ("wanted", models.IntegerField()),
                ("shown", models.IntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("shown", "Shown"),
                            ("unknown", "Unknown"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("shown_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("lag_ms", models.BigIntegerField(null=True)),
                ("ready_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stock.sku",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["connection", "changed_at"],
                        name="shown_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["shown", "unknown"])),
                        fields=["connection", "read_at"],
                        name="shown_to_read_again",
                    ),
                    models.Index(
                        condition=models.Q(("lag_ms__isnull", False)),
                        fields=["connection", "shown_at"],
                        include=("lag_ms",),
                        name="shown_lag",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "sku"), name="shown_one_per_shop_and_sku"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "shown", "unknown", "failed"])
                        ),
                        name="shown_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wanted__gte", 0)),
                        name="shown_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("last_error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="shown_failed_says_why",
                    ),
                ],
            },
        ),
    ]
