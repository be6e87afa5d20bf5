"""What was judged, kept for the preview, and written to the lines at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from django.db import connection

from console.campaigns.bulk.reading import Bad
from console.campaigns.models import Campaign, ImportJob

LONGEST_SKU, LONGEST_NOTE = 200, 300
COPY_BAD = """
copy campaigns_importrow (job_id, number, sku, outcome, raw, changes, errors, note)
from stdin
"""


def _price(column: str) -> str:
    """A price as JSON text with two digits at least, as `rules.plain` writes it."""
    return f"""'"' || round({column}, greatest(2, min_scale({column})))::text || '"'"""


def _change(name: str, old: str, before: str, after: str) -> str:
    """One change as JSON text, or null; text is three times as fast as jsonb here."""
    return f"""case when {old} is distinct from {name} then '"{name}": ['
        || coalesce({before}, 'null') || ', ' || {after} || ']' end"""


def _priced(name: str, old: str) -> str:
    return _change(name, old, _price(old), _price(name))


def _counted(name: str, old: str) -> str:
    return _change(name, old, f"{old}::text", f"{name}::text")


MADE = f"""
'{{"regular_price": [null, ' || {_price("regular_price")} || '], "sale_price": [null, '
    || {_price("sale_price")} || '], "units": [null, ' || units::text
    || '], "buffer": [null, ' || buffer::text || ']}}'
"""
"""Of a new line, whose every field had no value before: one text is quicker to make."""
CHANGES = f"""
(case when j.outcome = 'created' then {MADE} else
'{{' || concat_ws(', ', {_priced("regular_price", "old_regular")},
    {_priced("sale_price", "old_sale")}, {_counted("units", "old_units")},
    {_counted("buffer", "old_buffer")}) || '}}' end)::jsonb
"""
KEEP = f"""
insert into campaigns_importrow
    (job_id, number, sku, outcome, raw, changes, errors, note)
select %(job)s, j.number, left(j.sku, {LONGEST_SKU}), j.outcome, '{{}}'::jsonb,
    {CHANGES}, '{{}}'::jsonb, ''
from judged j where j.outcome in ('created', 'updated')
union all
select %(job)s, j.number, left(j.sku, {LONGEST_SKU}), j.outcome,
    '{{}}'::jsonb, '{{}}'::jsonb, '{{}}'::jsonb, left(s.skip, {LONGEST_NOTE})
from judged j join campaigns_stagedrow s on s.job_id = %(job)s and s.number = j.number
where j.outcome = 'skipped'
"""  # noqa: S608
RETELL = f"""
insert into campaigns_importrow
    (job_id, number, sku, outcome, raw, changes, errors, note)
select %(job)s, j.number, left(j.sku, {LONGEST_SKU}), j.outcome, '{{}}'::jsonb,
    {CHANGES}, '{{}}'::jsonb, ''
from judged j
left join campaigns_importrow r on r.job_id = %(job)s and r.number = j.number
where j.outcome is distinct from r.outcome
    and (r.number is not null or j.outcome in ('created', 'updated'))
on conflict (job_id, number) do update
    set outcome = excluded.outcome, changes = excluded.changes
"""  # noqa: S608
INSERT = """
insert into campaigns_line (campaign_id, sku_id, regular_price, sale_price, units,
    buffer, price_confirmed, position, version)
select %(campaign)s, sku_id, regular_price, sale_price, units, buffer, false,
    coalesce(last.position, 0) + row_number() over (order by number), 1
from judged cross join (
    select max(position) as position from campaigns_line
    where campaign_id = %(campaign)s) last
where outcome = 'created'
"""
UPDATE = """
update campaigns_line line set regular_price = j.regular_price,
    sale_price = j.sale_price, units = j.units, buffer = j.buffer,
    price_confirmed = false, version = line.version + 1
from judged j where line.id = j.line_id and j.outcome = 'updated'
"""
PRODUCTS = """
select s.number, s.sku, s.product from campaigns_stagedrow s
where s.job_id = %(job)s and s.number > %(after)s and s.product <> ''
    and not exists (select from stock_sku k where k.code = s.sku)
    and not exists (select from campaigns_importrow r
        where r.job_id = s.job_id and r.number = s.number and r.outcome = 'failed')
order by s.number limit %(most)s
"""
PRODUCTS_AT_ONCE = 1000


def keep_bad(job: ImportJob, bad: Sequence[Bad]) -> None:
    """Keep rows that are in error, with their cells and what is wrong."""
    with connection.cursor() as cursor, cursor.copy(COPY_BAD) as out:
        for one in bad:
            said = json.dumps(one.errors)
            sku = one.sku[:LONGEST_SKU]
            out.write_row((job.pk, one.number, sku, "failed", one.raw, "{}", said, ""))


def keep_others(job: ImportJob) -> None:
    """Keep what each row would change, and why others are left out."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"job": job.pk})


def keep_done(job: ImportJob) -> None:
    """Keep what a row did where that is not what it would have done when tried."""
    with connection.cursor() as cursor:
        cursor.execute(RETELL, {"job": job.pk})


def write(campaign: Campaign) -> None:
    """Write every line that is new or changed; new ones below the others.

    The campaign is locked, so nobody else made one of the new lines meanwhile.
    PostgreSQL counts them anew by what lines are joined and found by: the verdict is
    asked for before it would by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {"campaign": campaign.pk})
        cursor.execute(UPDATE)
        cursor.execute("analyze campaigns_line (campaign_id, sku_id)")


def products(job: ImportJob) -> Iterator[list[tuple[int, str, str]]]:
    """Number, SKU and product (JSON) of agreed rows whose SKU is still to be made."""
    last = 0
    while rows := _products(job, last):
        last = rows[-1][0]
        yield rows


def _products(job: ImportJob, after: int) -> list[tuple[int, str, str]]:
    asked = {"job": job.pk, "after": after, "most": PRODUCTS_AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS, asked)
        return list(cursor.fetchall())
