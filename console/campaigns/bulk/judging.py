"""What each staged row would do, found by one statement: the table `judged`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from console.campaigns.models import Campaign, ImportJob
from console.campaigns.queries import list_prices
from console.campaigns.rules import HIGHEST_PRICE, MOST_UNITS
from console.campaigns.shopify import BAD_COST
from console.prices.rules import exponent

ONE_COMMA = r"^[^,.]*,[^,.]*$"
PLAIN_PRICE = r"^[0-9]{1,11}([.][0-9]{1,2})?$"
FINER_PRICE = r"^[0-9]{1,11}([.][0-9]{1,3})?$"
"""For currencies of three decimals; in others three digits may part thousands."""
PLAIN_UNITS = r"^[0-9]{1,8}([.]0)?$"


def _price(column: str) -> str:
    """The amount of a plainly written price, else null; commas as in `PriceWidget`.

    What may mean two numbers is left to that, which refuses it.
    """
    point = f"""case when {column} ~ '{ONE_COMMA}'
        and (length(split_part({column}, ',', 2)) <> 3 or {column} ~ '^[0,]')
        then replace({column}, ',', '.') else replace({column}, ',', '') end"""
    return f"""case when {column} ~ %(plain)s then {column}::numeric
        when strpos({column}, ',') > 0 and {column} !~ '[.].*,|^(0.*)?,.*[,.]'
        and {point} ~ %(plain)s then ({point})::numeric end"""


def _units(column: str) -> str:
    """The number of plainly written units, else null; digits alone need no pattern."""
    return f"""case
        when rtrim({column}, '0123456789') = '' and length({column}) between 1 and 8
        then {column}::integer
        when {column} ~ '{PLAIN_UNITS}' then split_part({column}, '.', 1)::integer
        end"""


SAME = """
    (regular_price, sale_price, units, buffer)
    is not distinct from (old_regular, old_sale, old_units, old_buffer)
"""
OUTCOME = f"""
case when line_id is null then 'created' when {SAME} then 'unchanged'
    else 'updated' end
"""
SAID = f"""
create temporary table judged on commit drop as
with said as (
    select s.number, s.sku, k.id as sku_id, l.id as line_id,
        s.skip <> '' as skipped, s.problem <> '' as broken,
        k.id is not null or s.product <> '' and strpos(s.product, '"{BAD_COST}": ') = 0
            as known,
        s.skip = '' and s.sku <> '' and row_number() over (
            partition by s.skip = '', s.sku collate "C" order by s.number) > 1 as twice,
        case when s.regular_price = '' then coalesce(l.regular_price,
            {list_prices.LISTED})
            else {_price("s.regular_price")} end as regular_price,
        {_price("s.sale_price")} as sale_price,
        {_units("s.units")} as units,
        case when s.buffer = '' then 0 else {_units("s.buffer")} end as buffer,
        l.regular_price as old_regular, l.sale_price as old_sale,
        l.units as old_units, l.buffer as old_buffer
    from campaigns_stagedrow s
    left join stock_sku k on k.code = s.sku
    left join campaigns_line l on l.campaign_id = %(campaign)s and l.sku_id = k.id
    where s.job_id = %(job)s
"""  # noqa: S608
NOT_LEFT_OUT = """
    and not exists (
        select from campaigns_importrow r
        where r.job_id = s.job_id and r.number = s.number
            and r.outcome in ('failed', 'skipped'))
"""
"""Where a person said yes without them; behind an `or` it reads every job's rows."""
DECIDED = f""")
select *,
    case when skipped then 'skipped'
        when broken or twice or not known then null
        when sale_price > 0 and sale_price < regular_price
            and regular_price <= %(highest)s and units between 1 and %(most)s
            and buffer < units
        then {OUTCOME} end as outcome
from said
"""  # noqa: S608
COUNT = "select outcome, count(*) from judged group by outcome"


def judge(
    job: ImportJob, campaign: Campaign, *, now: datetime, agreed: bool = False
) -> None:
    """Fill `judged`, which the transaction drops; an outcome of null is undecided.

    agreed: leave out the rows that were bad, or skipped, when a person said yes.
    """
    bad = agreed and (job.failed or job.skipped)
    values: dict[str, Any] = {
        "job": job.pk,
        "campaign": campaign.pk,
        "highest": HIGHEST_PRICE,
        "most": MOST_UNITS,
        "plain": FINER_PRICE if exponent(campaign.currency) == 3 else PLAIN_PRICE,
        **list_prices.asked(campaign, now=now),
    }
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '64MB'")  # the sort stays in memory
        cursor.execute("drop table if exists judged")
        cursor.execute(SAID + (NOT_LEFT_OUT if bad else "") + DECIDED, values)


def outcomes() -> dict[str, int]:
    """How many rows have each outcome."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        return dict(cursor.fetchall())
