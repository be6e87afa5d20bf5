"""What each counted sale touches, kept; quiet days become part of the policy."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

QUIET = """
with days as (
    select jsonb_agg(jsonb_build_object(
        'name', name, 'first', "on"::text, 'last', "on"::text) order by "on") as quiet
    from campaigns_occasion where quiet
), scope as (
    insert into fatigue_scope (kind, name, label)
    select 'everything', '', 'Everything' from days where quiet is not null
    on conflict do nothing returning id
)
insert into fatigue_policy (
    scope_id, version, since, reason, half_life_days, amber, red, min_gap_days,
    gap_counts, max_sales, window_days, window_counts, max_share_percent, share_days,
    min_depth_percent, occasion_required, quiet, max_messages, message_days,
    message_counts, email_gap_h, push_gap_h, enforcement, zone)
select scope.id, 1, now(), 'Quiet days of the calendar', 21, 0, 0, 0, 'calendar', 0, 90,
    'calendar', 0, 90, 0, false, days.quiet, 0, 7, 'calendar', 0, 0, 'override',
    coalesce((select zone from campaigns_campaign order by id limit 1), 'UTC')
from scope, days;
delete from campaigns_occasion o where quiet
    and not exists (select from campaigns_campaign c where c.occasion_id = o.id);
"""
KEEP = """
insert into campaigns_footprint (campaign_id, scopes, reach, depth, skus)
select c.id,
    array['everything', 'audience:' || a.slug] || coalesce(shelf.names, '{}'),
    array[c.reach, c.reach]::float8[] || coalesce(shelf.shares, '{}'),
    coalesce(greatest(0, least(1, sums.depth)), 0.3), coalesce(sums.skus, '')
from campaigns_campaign c join fatigue_audience a on a.id = c.audience_id
left join lateral (
    select 1 - sum(sale_price) / nullif(sum(regular_price), 0) as depth,
        string_agg(int4send(sku_id::int), ''::bytea order by sku_id) as skus
    from campaigns_line l where l.campaign_id = c.id
) sums on true
left join lateral (
    select array_agg('category:' || category order by category) as names,
        array_agg(least(1, touched::float8 / there) order by category) as shares
    from (
        select s.category, count(*) as touched,
            (select count(*) from stock_sku t where t.category = s.category) as there
        from campaigns_line l join stock_sku s on s.id = l.sku_id
        where l.campaign_id = c.id group by s.category
    ) by_category
) shelf on true
where c.state in ('approved', 'armed', 'warming', 'ready', 'live', 'paused', 'ending',
    'closed') or c.opened_at is not null;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0001_initial'),
        ('fatigue', '0003_scopes'),
        ('stock', '0003_brand'),
    ]

    operations = [
        migrations.RunSQL(QUIET, migrations.RunSQL.noop),
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='occasion',
            name='quiet',
        ),
        migrations.CreateModel(
            name='Footprint',
            fields=[
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='footprint', serialize=False, to='campaigns.campaign')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=111), help_text='category:Boots', size=None)),
                ('reach', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), help_text='The share of each, 0 to 1.', size=None)),
                ('depth', models.FloatField(help_text='Mean reduction of the list prices, 0 to 1.')),
                ('skus', models.BinaryField(help_text='Keys of its SKUs, 4 bytes each, in order.')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['scopes'], name='footprint_by_scope')],
                'constraints': [models.CheckConstraint(condition=models.Q(('scopes__len', models.F('reach__len'))), name='footprint_reach_of_each_scope'), models.CheckConstraint(condition=models.Q(('depth__gte', 0), ('depth__lte', 1)), name='footprint_depth_is_a_ratio')],
            },
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
