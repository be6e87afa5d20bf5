"""What shops show of each SKU, and sheets of levels on their way in."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0015_buffers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LevelImport",
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
                ("file", models.FileField(upload_to="levels/")),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Checking"),
                            ("checked", "Checked"),
                            ("applying", "Applying"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("all", "All or nothing"),
                            ("valid", "Valid rows only"),
                        ],
                        max_length=5,
                    ),
                ),
                (
                    "total",
                    models.PositiveIntegerField(
                        default=0, help_text="Rows in the sheet."
                    ),
                ),
                (
                    "checked",
                    models.PositiveIntegerField(
                        default=0, help_text="Rows read so far."
                    ),
                ),
                ("created", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("pending", models.PositiveIntegerField(default=0)),
                ("described", models.PositiveIntegerField(default=0)),
                ("more", models.BigIntegerField(default=0)),
                ("less", models.BigIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
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
            name="BadLevel",
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
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="As a spreadsheet counts it."
                    ),
                ),
                ("sku", models.CharField(blank=True, max_length=200)),
                ("location", models.CharField(blank=True, max_length=200)),
                ("field", models.CharField(blank=True, max_length=40)),
                ("message", models.TextField()),
                (
                    "raw",
                    models.JSONField(default=dict, help_text="The cells as given."),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bad",
                        to="stock.levelimport",
                    ),
                ),
            ],
        ),
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
        ),
        migrations.CreateModel(
            name="StagedLevel",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("sku", models.TextField()),
                ("location", models.TextField()),
                ("on_hand", models.IntegerField()),
                ("committed", models.IntegerField()),
                ("buffer", models.IntegerField()),
                ("version", models.IntegerField(null=True)),
                ("perishable", models.BooleanField(null=True)),
                ("since", models.DateField(null=True)),
                ("unknown", models.BooleanField()),
                ("problem", models.TextField(help_text="Column to sentence, as JSON.")),
                ("raw", models.TextField(help_text="The cells as given, as JSON.")),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staged",
                        to="stock.levelimport",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="levelimport",
            index=models.Index(
                condition=models.Q(("state__in", ["checking", "applying"])),
                fields=["lease_until"],
                name="level_import_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="levelimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["checking", "checked", "applying"])),
                fields=("sha256",),
                name="level_import_same_file_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="levelimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("checked__lte", models.F("total"))),
                name="level_import_checks_no_more_than_there_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="levelimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["checked", "applying", "done"]), _negated=True
                    ),
                    (
                        "total",
                        models.F("created")
                        + models.F("updated")
                        + models.F("unchanged")
                        + models.F("failed")
                        + models.F("pending"),
                    ),
                    _connector="OR",
                ),
                name="level_import_counts_every_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="levelimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="level_import_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="badlevel",
            constraint=models.UniqueConstraint(
                fields=("job", "number"), name="bad_level_told_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="badlevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("message", ""), _negated=True),
                name="bad_level_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="shown",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["connection", "changed_at"],
                name="shown_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="shown",
            index=models.Index(
                condition=models.Q(("state__in", ["shown", "unknown"])),
                fields=["connection", "read_at"],
                name="shown_to_read_again",
            ),
        ),
        migrations.AddIndex(
            model_name="shown",
            index=models.Index(
                condition=models.Q(("lag_ms__isnull", False)),
                fields=["connection", "shown_at"],
                include=("lag_ms",),
                name="shown_lag",
            ),
        ),
        migrations.AddConstraint(
            model_name="shown",
            constraint=models.UniqueConstraint(
                fields=("connection", "sku"), name="shown_one_per_shop_and_sku"
            ),
        ),
        migrations.AddConstraint(
            model_name="shown",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "shown", "unknown", "failed"])
                ),
                name="shown_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shown",
            constraint=models.CheckConstraint(
                condition=models.Q(("wanted__gte", 0)), name="shown_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="shown",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("last_error", ""), _negated=True),
                    _connector="OR",
                ),
                name="shown_failed_says_why",
            ),
        ),
        migrations.RunSQL(
            "alter table stock_stagedlevel set unlogged", migrations.RunSQL.noop
        ),
    ]
