"""A policy protects a scope: an audience, a category, a product, or everything."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.deletion import PROTECT

import console.fatigue.rules.limits

COUNTS = [("calendar", "Calendar days"), ("rolling", "Rolling 24 h")]
KINDS = [
    ("everything", "Everything"),
    ("audience", "Audience"),
    ("market", "Market"),
    ("category", "Category"),
    ("brand", "Brand"),
    ("sku", "SKU"),
]

# The versions themselves stay as they are: only the column that says whose they are is
# another one, so the trigger that refuses UPDATE steps aside for this one statement.
FILL = """
insert into fatigue_scope (kind, name, label)
    select 'audience', slug, name from fatigue_audience;
set constraints all immediate;
alter table fatigue_policy disable trigger policy_stays;
update fatigue_policy p set scope_id = s.id
    from fatigue_audience a join fatigue_scope s
    on s.kind = 'audience' and s.name = a.slug
    where a.id = p.audience_id;
alter table fatigue_policy enable trigger policy_stays;
"""
COUNT = """
create or replace function fatigue_policy_count() returns trigger language plpgsql as $$
declare
    last record;
begin
    select version, since into last from fatigue_policy
        where {column} = new.{column} order by version desc limit 1;
    if new.version <> coalesce(last.version, 0) + 1 then
        raise exception 'policy version % does not follow %',
            new.version, coalesce(last.version, 0)
            using errcode = 'integrity_constraint_violation';
    end if;
    if new.since < last.since then
        raise exception 'policy version % would be in force before its predecessor',
            new.version using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
"""


def small(default, **more):
    """A small whole number."""
    return models.PositiveSmallIntegerField(default=default, **more)


class Migration(migrations.Migration):
    dependencies = [("fatigue", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Scope",
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
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("name", models.CharField(blank=True, max_length=100)),
                (
                    "label",
                    models.CharField(help_text="As people call it.", max_length=100),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "name"), name="scope_is_unique"
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _ in KINDS]),
                        name="scope_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=(Q(kind="everything") & Q(name=""))
                        | (~Q(kind="everything") & ~Q(name="")),
                        name="scope_of_everything_has_no_name",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "policy",
            "scope",
            models.ForeignKey(
                "fatigue.Scope", PROTECT, null=True, related_name="policies"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveConstraint("policy", "policy_version_is_unique"),
        migrations.RemoveConstraint("policy", "policy_warns_before_it_blocks"),
        migrations.RemoveConstraint("policy", "policy_window_has_days"),
        migrations.RemoveField("policy", "audience"),
        migrations.AlterField(
            "policy",
            "scope",
            models.ForeignKey("fatigue.Scope", PROTECT, related_name="policies"),
        ),
        migrations.RunSQL(
            COUNT.format(column="scope_id"), COUNT.format(column="audience_id")
        ),
        migrations.AddField("policy", "max_share_percent", small(0)),
        migrations.AddField("policy", "share_days", small(90)),
        migrations.AddField(
            "policy", "occasion_required", models.BooleanField(default=False)
        ),
        migrations.AddField(
            "policy", "quiet", models.JSONField(blank=True, default=list)
        ),
        migrations.AddField("policy", "max_messages", small(0)),
        migrations.AddField("policy", "message_days", small(7)),
        migrations.AddField(
            "policy",
            "message_counts",
            models.CharField(
                choices=COUNTS,
                default=console.fatigue.rules.limits.Counts.CALENDAR,
                max_length=8,
            ),
        ),
        migrations.AddField("policy", "email_gap_h", small(0)),
        migrations.AddField("policy", "push_gap_h", small(0)),
        migrations.AddConstraint(
            "policy",
            models.UniqueConstraint(
                fields=("scope", "version"), name="policy_version_is_unique"
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(amber__gt=0, amber__lte=F("red")) | Q(amber=0, red=0),
                name="policy_warns_before_it_blocks",
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(window_days__gte=1, share_days__gte=1, message_days__gte=1),
                name="policy_window_has_days",
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(max_share_percent__lte=100), name="policy_share_is_a_share"
            ),
        ),
    ]
