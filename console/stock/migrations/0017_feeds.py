"""Feeds that tell of movements, and fences that keep others out of a sale."""

import console.providers.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COUNTED_BEFORE = """
update stock_level l set last_count_at = m.at from (
    select sku_id, location_id, max(at) as at from stock_movement
    where reservation is null and location_id is not null
        and 'outside' in (source, target) and reason ~ '^(count|import)'
    group by 1, 2) m
where l.sku_id = m.sku_id and l.location_id = m.location_id
"""
"""The newest count that the ledger tells of: one that agreed left no entry."""


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0016_publishing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
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
                ("name", models.SlugField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("till", "Till"),
                            ("marketplace", "Marketplace"),
                            ("returns", "Returns"),
                            ("warehouse", "Warehouse"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "secret",
                    console.providers.crypto.SealedField(
                        help_text="Signs what it sends to us; newest first.",
                        name_field="name",
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "late_after_s",
                    models.PositiveIntegerField(
                        default=300, help_text="Later than this is an alarm."
                    ),
                ),
                ("watermark", models.DateTimeField(editable=False, null=True)),
                ("last_at", models.DateTimeField(editable=False, null=True)),
                ("late", models.DurationField(editable=False, null=True)),
                ("unkept", models.PositiveIntegerField(default=0, editable=False)),
                ("unkept_at", models.DateTimeField(editable=False, null=True)),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.location",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Fence",
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
                ("campaign", models.CharField(db_index=True, max_length=20)),
                ("raised_at", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dropped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FeedMovement",
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
                ("external_id", models.CharField(max_length=100)),
                ("sku_code", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sold", "Sold"),
                            ("sent", "Sent"),
                            ("returned", "Returned"),
                            ("received", "Received"),
                            ("counted", "Counted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("units", models.IntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("applied", "Applied"),
                            ("covered", "Covered"),
                            ("parked", "Parked"),
                            ("short", "Short"),
                            ("refused", "Refused"),
                            ("discarded", "Discarded"),
                        ],
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("expected", models.IntegerField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.feed",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.location",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.sku",
                    ),
                ),
                (
                    "fence",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="stock.fence",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(("secret__startswith", "v1.")),
                name="feed_secret_is_sealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["till", "marketplace", "returns", "warehouse"])
                ),
                name="feed_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(("late_after_s__gte", 1)),
                name="feed_is_late_after_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="fence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dropped_at", None)),
                fields=("campaign",),
                name="fence_one_up_a_campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="fence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dropped_at", None),
                    ("dropped_at__gte", models.F("raised_at")),
                    _connector="OR",
                ),
                name="fence_drops_after_it_rose",
            ),
        ),
        migrations.AddConstraint(
            model_name="fence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at", None),
                    ("dropped_at__isnull", False),
                    _connector="OR",
                ),
                name="fence_is_acknowledged_once_down",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(("state__in", ["parked", "short", "waiting"])),
                fields=["state", "occurred_at", "id"],
                name="feed_movement_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["parked", "refused", "short", "waiting"])
                ),
                fields=["feed", "state"],
                name="feed_movement_open",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(("kind", "sold")),
                fields=["sku", "occurred_at"],
                name="feed_movement_sold",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                fields=["feed", "-received_at"], name="feed_movement_arrived"
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(("state", "applied")),
                fields=["sku", "location", "occurred_at"],
                name="feed_movement_of_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.UniqueConstraint(
                fields=("feed", "external_id"), name="feed_movement_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["sold", "sent", "returned", "received", "counted"])
                ),
                name="feed_movement_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "waiting",
                            "applied",
                            "covered",
                            "parked",
                            "short",
                            "refused",
                            "discarded",
                        ],
                    )
                ),
                name="feed_movement_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("units__gte", 1),
                    models.Q(("kind", "counted"), ("units", 0)),
                    _connector="OR",
                ),
                name="feed_movement_has_units",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("location__isnull", False), ("sku__isnull", False)),
                    ("state__in", ["refused", "discarded"]),
                    _connector="OR",
                ),
                name="feed_movement_is_of_a_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True),
                    models.Q(
                        ("state__in", ["short", "refused", "discarded"]), _negated=True
                    ),
                    _connector="OR",
                ),
                name="feed_movement_held_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fence__isnull", False),
                    models.Q(("state", "parked"), _negated=True),
                    _connector="OR",
                ),
                name="feed_movement_parked_by_a_fence",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(("state", "parked")),
                fields=["fence", "sku"],
                name="feed_movement_parked",
            ),
        ),
        migrations.AddIndex(
            model_name="feedmovement",
            index=models.Index(
                condition=models.Q(("state", "short")),
                fields=["sku", "location"],
                name="feed_movement_short",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=models.Q(("reservation", None)),
                fields=["sku", "location", "at"],
                name="movement_of_level",
            ),
        ),
        migrations.AddField(
            model_name="level",
            name="last_count_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(COUNTED_BEFORE, migrations.RunSQL.noop),
    ]
