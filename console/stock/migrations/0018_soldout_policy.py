"""What shops do once a SKU is sold out, and which shops a sale is told to."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).resolve().parent.parent / "sql" / "waiting.sql"
WAYS = ["badge", "waiting_list", "revert_price", "redirect"]


def text():
    return models.TextField(blank=True, db_default="", default="")


class Migration(migrations.Migration):
    dependencies = [("stock", "0017_feeds")]

    operations = [
        migrations.CreateModel(
            name="SoldOut",
            fields=[
                (
                    "allocation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="gone",
                        serialize=False,
                        to="stock.allocation",
                    ),
                ),
                ("empty_at", models.DateTimeField(null=True)),
                ("out_at", models.DateTimeField(null=True)),
                ("back_at", models.DateTimeField(null=True)),
                ("withdrawn", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("back_at", None))
                        | Q(("out_at__isnull", False)),
                        name="sold_out_comes_back_from_being_out",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SoldOutPolicy",
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
                ("campaign", models.CharField(max_length=20)),
                (
                    "way",
                    models.CharField(
                        choices=[(way, way.capitalize()) for way in WAYS],
                        max_length=12,
                    ),
                ),
                ("to", models.CharField(blank=True, default="", max_length=300)),
                ("version", models.PositiveBigIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
                (
                    "sku",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stock.sku",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "sku"),
                        name="sold_out_policy_one_per_sku",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(("way__in", WAYS)),
                        name="sold_out_policy_way_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("way", "redirect"),
                                models.Q(("to", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("way", "redirect"), _negated=True),
                                ("to", ""),
                            ),
                            _connector="OR",
                        ),
                        name="sold_out_policy_redirect_leads_somewhere",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "salegate",
            "shops",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                help_text=(
                    "Connections that show the sale; every shop where nobody said."
                ),
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            "shopfront",
            "early",
            models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            "shopfront",
            "ways",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        *(
            migrations.AddField("shown", name, text())
            for name in (
                "notice",
                "notice_sent",
                "notice_shown",
                "notice_last",
                "notice_kept",
            )
        ),
        migrations.AddIndex(
            "shown",
            models.Index(
                condition=~Q(("notice", ""))
                | ~Q(("notice_last", ""))
                | ~Q(("notice_kept", "")),
                fields=["sku"],
                name="shown_with_a_notice",
            ),
        ),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.AddField(
            "shown",
            "notice_told",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
    ]
