"""Taking back the last change of a plan's lines, exactly, if nobody changed them since.

Everything is a statement over sets of rows: an import of 100,000 lines is remembered
and taken back as one cell is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Max

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Line, Undo
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.rules import Event
from console.errors import Refusal

KEEP = """
insert into campaigns_undorow (undo_id, sku_id, regular_price, sale_price, units,
    buffer, price_confirmed, source_id, source_price, position, version, after)
select %(undo)s, sku_id, regular_price, sale_price, units, buffer, price_confirmed,
    source_id, source_price, position, version, null
from campaigns_line where campaign_id = %(campaign)s
    and (%(all)s or sku_id = any(%(skus)s))
"""
UNCHANGED = """
delete from campaigns_undorow r using campaigns_line l
where r.undo_id = %(undo)s and l.campaign_id = %(campaign)s and l.sku_id = r.sku_id
    and l.version = r.version
"""
CHANGED = """
update campaigns_undorow r set after = l.version from campaigns_line l
where r.undo_id = %(undo)s and l.campaign_id = %(campaign)s and l.sku_id = r.sku_id
"""
CREATED = """
select count(*), coalesce(max(id), 0) from campaigns_line
where campaign_id = %(campaign)s and id > %(after)s
"""
CREATED_TWICE = """
insert into campaigns_undorow (undo_id, sku_id, units, buffer, price_confirmed,
    position, version, after)
select %(undo)s, sku_id, 0, 0, false, 0, 0, version from campaigns_line
where campaign_id = %(campaign)s and id > %(after)s and version <> 1
"""
"""Lines that were made and changed again by one act."""
MOVED_ON = """
select coalesce(k.code, '') from campaigns_undorow r
left join campaigns_line l on l.campaign_id = %(campaign)s and l.sku_id = r.sku_id
left join stock_sku k on k.id = r.sku_id
where r.undo_id = %(undo)s and l.version is distinct from r.after
union all
select k.code from campaigns_line l join stock_sku k on k.id = l.sku_id
where l.campaign_id = %(campaign)s and l.id > %(after)s and l.id <= %(until)s
    and l.version <> 1 and not exists (
        select from campaigns_undorow r
        where r.undo_id = %(undo)s and r.sku_id = l.sku_id)
order by 1 limit 1
"""
LEFT = """
select count(*) from campaigns_line
where campaign_id = %(campaign)s and id > %(after)s and id <= %(until)s
"""
TAKE_OUT = """
delete from campaigns_line l
where campaign_id = %(campaign)s and (id > %(after)s and id <= %(until)s
    or exists (select from campaigns_undorow r where r.undo_id = %(undo)s
        and r.sku_id = l.sku_id and r.sale_price is null))
"""
PUT_BACK = """
insert into campaigns_line as line (campaign_id, sku_id, regular_price, sale_price,
    units, buffer, price_confirmed, source_id, source_price, position, version)
select %(campaign)s, r.sku_id, r.regular_price, r.sale_price, r.units, r.buffer,
    r.price_confirmed, f.id, r.source_price, r.position, r.version
from campaigns_undorow r left join campaigns_sourcefilter f on f.id = r.source_id
where r.undo_id = %(undo)s and r.sale_price is not null
on conflict (campaign_id, sku_id) do update set regular_price = excluded.regular_price,
    sale_price = excluded.sale_price, units = excluded.units, buffer = excluded.buffer,
    price_confirmed = excluded.price_confirmed, source_id = excluded.source_id,
    source_price = excluded.source_price, version = line.version + 1
"""


class UndoGone(Refusal):
    """Something else was done since; only the last change can be taken back."""

    code = "undo_gone"


class LinesMovedOn(Refusal):
    """A line was changed since; taking back would lose that."""

    code = "lines_moved_on"


def forget(campaign: Campaign) -> None:
    """Let nothing be taken back: what comes now changes lines and is not remembered."""
    Undo.objects.filter(campaign=campaign).delete()


@dataclass(frozen=True)
class By:
    """Who changes lines, and when."""

    actor: User
    now: datetime


def remember(
    campaign: Campaign, what: str, by: By, *, skus: Sequence[int] | None = None
) -> Undo:
    """Keep the lines of a locked plan as they are, before they are changed.

    skus: keys of those that may change; None for all.
    """
    forget(campaign)
    last = Line.objects.aggregate(last=Max("pk"))["last"] or 0
    kept = Undo.objects.create(
        campaign=campaign, what=what[:200], by=by.actor, at=by.now, last_line=last
    )
    _run(KEEP, kept, all=skus is None, skus=list(skus or []))
    return kept


def settle(campaign: Campaign) -> None:
    """Note what the change left; lines it did not touch are forgotten.

    Lines it made are known by their keys: 50,000 imported ones need no rows here.
    """
    kept = Undo.objects.filter(campaign=campaign, settled=False).first()
    if kept is None:
        return
    _run(UNCHANGED, kept)
    _run(CHANGED, kept)
    _run(CREATED_TWICE, kept)
    kept.made, kept.until_line = _asked(CREATED, kept) or (0, 0)
    kept.settled = True
    kept.save(update_fields=["made", "until_line", "settled"])


@contextmanager
def remembered(
    campaign: Campaign, what: str, by: By, *, skus: Sequence[int] | None
) -> Iterator[None]:
    """Both, around a change in the caller's transaction."""
    remember(campaign, what, by, skus=skus)
    yield
    settle(campaign)


def _run(statement: str, kept: Undo, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, _known(kept) | values)


def _asked(statement: str, kept: Undo) -> tuple[Any, ...] | None:
    """The first row of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _known(kept))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _known(kept: Undo) -> dict[str, int]:
    """What the statements ask for by name."""
    return {
        "undo": kept.pk,
        "campaign": kept.campaign_id,
        "after": kept.last_line,
        "until": kept.until_line,
    }


@operation()
def undo(code: str, undo_id: int, *, actor: User, now: datetime) -> str:
    """Put every line back to what it said before the last change; what that was.

    Raises:
        WrongState: its plan is at work already.
        UndoGone: something else was done since, or it was taken back.
        LinesMovedOn: a line was changed since; names its SKU, and nothing is done.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.EDIT)
    kept = Undo.objects.filter(campaign=campaign, pk=undo_id).first()
    if kept is None:
        raise UndoGone("Something else was changed since, so this cannot be undone.")
    _check_same(kept)
    _run(TAKE_OUT, kept)
    _run(PUT_BACK, kept)
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.undo", campaign, now=now, after={"what": kept.what})
    kept.delete()
    return kept.what


def _check_same(kept: Undo) -> None:
    """Refuse where a line is not as the change left it.

    Raises:
        LinesMovedOn: one is not, or one that was made is gone.
    """
    moved = _asked(MOVED_ON, kept)
    if moved or _asked(LEFT, kept) != (kept.made,):
        raise LinesMovedOn(
            f"{moved[0] if moved else 'A new line'} was changed since “{kept.what}”. "
            "Nothing was undone; change the lines one by one."
        )
