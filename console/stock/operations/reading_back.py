"""What a shop shows, as it was read back: noted by the round that asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection as database
from django.db import transaction
from django.db.models import F

from console.runbook.rules import backoff_s
from console.stock.operations.publishing import Round, Row, mine, ours, works
from console.stock.rules.publishing import HOLD_MOST_S

SETTLE = """
update stock_shown t set
    shown = coalesce(w.seen, t.shown), read_at = %(now)s, lease_until = null,
    state = case when w.seen is null then 'unknown'
        when w.seen = t.wanted and {done} then 'shown' else 'waiting' end,
    shown_at = case when w.seen in (w.sent, t.wanted) and {done} then %(now)s
        else t.shown_at end,
    lag_ms = case when w.seen in (w.sent, t.wanted) and {done}
        then greatest(0, extract(epoch from %(now)s - t.changed_at) * 1000)::bigint
        else t.lag_ms end,
    changed_at = case when w.seen = w.sent and w.sent <> t.wanted then t.moved_at
        else t.changed_at end,
    tries = case when w.seen = w.sent and {done} then 0 else t.tries + 1 end,
    ready_at = case when w.seen = w.sent and {done} then %(now)s
        else %(now)s + make_interval(secs => w.wait) end,
    last_error = case when w.seen <> w.sent
        then format('The shop shows %%s, not %%s.', w.seen, w.sent)
        when w.seen is not null and not {arrived}
        then 'The page does not do what it was told for sold out.' else '' end
from unnest(%(ids)s::bigint[], %(sent)s::int[], %(seen)s::int[], %(waits)s::float[],
    %(open)s::bool[]) as w (id, sent, seen, wait, open)
where t.id = w.id and t.state = 'waiting'
""".format(
    done="(not w.open and (t.notice = t.notice_shown or t.notice_kept <> ''))",
    arrived="(t.notice_sent = t.notice_shown or t.notice_kept <> '')",
)
REREAD = """
update stock_shown t set
    shown = coalesce(w.seen, t.shown), read_at = %(now)s,
    state = case when w.seen is null and not w.sold then 'unknown'
        when w.seen = t.wanted and (t.notice = t.notice_shown or t.notice_kept <> '')
        then 'shown' else 'waiting' end,
    changed_at = case when w.seen = t.wanted then t.changed_at else %(now)s end,
    moved_at = case when w.seen = t.wanted then t.moved_at else %(now)s end,
    ready_at = %(now)s, tries = 0, last_error = ''
from unnest(%(ids)s::bigint[], %(seen)s::int[], %(sold)s::bool[], %(were)s::text[])
    as w (id, seen, sold, was)
where t.id = w.id and t.state in ('shown', 'unknown')
returning w.was = 'shown' and t.state = 'waiting'
"""


MOST = 2**31 - 1


def _kept(seen: int | None) -> int | None:
    """A number as the table keeps it: some shops say 9,999,999,999 for no end."""
    return None if seen is None else max(-MOST, min(seen, MOST))


def settle(
    round_: Round,
    rows: Sequence[Row],
    sent: Mapping[int, int],
    seen: Mapping[str, int | None],
    *,
    pages: Sequence[Row] = (),
    now: datetime,
) -> None:
    """Note what the shop shows of what it was sent; what it shows not is tried again.

    sent: units by row. seen: units by SKU; None where the shop does not sell it. pages:
    those that are still to be told what to do, so they are not done yet.
    """
    still_open = {row.pk for row in pages}
    said = [row for row in rows if row.pk in sent]
    waits = [min(HOLD_MOST_S, backoff_s(row.tries + 1)) for row in said]
    with transaction.atomic(), database.cursor() as cursor:
        if not ours(round_):
            return
        cursor.execute(
            SETTLE,
            {
                "now": now,
                "ids": [row.pk for row in said],
                "sent": [sent[row.pk] for row in said],
                "seen": [_kept(seen.get(row.sku)) for row in said],
                "waits": waits,
                "open": [row.pk in still_open for row in said],
            },
        )
        works(round_)


def read_back(
    round_: Round,
    rows: Sequence[Row],
    seen: Mapping[str, int | None],
    sold: Collection[str],
    *,
    now: datetime,
) -> int:
    """Compare what the shop shows with what it should; how many it shows wrongly.

    Whoever changed it there, it will be sent again. sold: SKUs the shop did not sell
    before, and does by now.
    """
    with transaction.atomic(), database.cursor() as cursor:
        if not ours(round_):
            return 0
        cursor.execute(
            REREAD,
            {
                "now": now,
                "ids": [row.pk for row in rows],
                "seen": [_kept(seen.get(row.sku)) for row in rows],
                "sold": [row.sku in sold for row in rows],
                "were": [row.state for row in rows],
            },
        )
        wrong = sum(bool(was_wrong) for (was_wrong,) in cursor.fetchall())
        works(round_)
        if wrong:
            mine(round_).update(repaired=F("repaired") + wrong)
    return wrong
