"""What happened to a campaign's stock, and who holds some of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from console import words
from console.audit.models import Entry
from console.stock.models import Allocation, Movement, Reservation, ReservationLine
from console.stock.rules import HoldState

CHANGES = 20
HOLDS = 15
ENTRIES = 50


@dataclass(frozen=True)
class Change:
    """One decision about the lock; before and after where a number changed."""

    at: datetime
    icon: str
    tone: str
    text: str
    before: int | None
    after: int | None
    who: str
    reason: str


def changes(campaign: str, *, limit: int = CHANGES) -> list[Change]:
    """What people decided about the campaign's stock, newest first."""
    codes = dict(
        Allocation.objects.filter(campaign=campaign).values_list("pk", "sku__code")
    )
    about = Q(object_type="", object_id=campaign) | Q(
        object_type="stock.allocation", object_id__in=[str(pk) for pk in codes]
    )
    entries = Entry.objects.filter(about, verb__startswith="stock.")
    return [_change(one, codes) for one in entries.order_by("-position")[:limit]]


def _change(entry: Entry, codes: dict[int, str]) -> Change:
    before, after = entry.before or {}, entry.after or {}
    icon, tone, text, number = _said(entry, before, after, codes)
    return Change(
        at=entry.at,
        icon=icon,
        tone=tone,
        text=text,
        before=before.get(number),
        after=after.get(number) if number in before else None,
        who=entry.actor_name or "System",
        reason=entry.reason,
    )


ALTERED = ("grown", "new", "dropped")


def _said(
    entry: Entry, before: dict[str, int], after: dict[str, int], codes: dict[int, str]
) -> tuple[str, str, str, str]:
    """Icon, tone and words of an entry, and the number that changed."""
    if entry.verb == "stock.lock":
        units, skus = after.get("units", 0), after.get("skus", 0)
        told = f"Allocation locked, {words.count(units, 'unit')} "
        told += f"in {words.count(skus, 'SKU')}"
        return "lock", "ok", told, ""
    if entry.verb == "stock.return_units":
        told = f"{words.count(after.get('unsold', 0), 'unsold unit')} given back"
        return "undo-2", "", f"{told}, {after.get('sold', 0):,} sold", ""
    if entry.verb == "stock.alter":
        parts = [f"{after[key]:,} {key}" for key in ALTERED if after.get(key)]
        return "pencil", "info", f"Lock amended: {', '.join(parts) or 'no SKU'}", ""
    code = codes.get(int(entry.object_id), entry.object_label)
    if entry.verb == "stock.unlock":
        back = words.count(after.get("back", 0), "unit")
        told = f"{code} unlocked, {back} given back, allocation"
        return "lock-open", "warn", told, "quantity"
    return _resized(code, before, after)


def _resized(
    code: str, before: dict[str, int], after: dict[str, int]
) -> tuple[str, str, str, str]:
    grown = after.get("quantity", 0) - before.get("quantity", 0)
    if grown > 0:
        return "plus", "info", f"{code} topped up by {grown:,}, allocation", "quantity"
    if grown < 0:
        told = f"{code} cut by {-grown:,}, allocation"
        return "trending-down", "info", told, "quantity"
    return "shield-check", "info", f"Buffer of {code}", "buffer"


@dataclass(frozen=True)
class Hold:
    """One reservation as the list shows it."""

    id: UUID
    buyer: str
    state: str
    made_at: datetime
    expires_at: datetime
    order: str
    units: int
    skus: Sequence[str]


def holds(
    campaign: str, *, state: str, text: str, before: datetime | None, now: datetime
) -> list[Hold]:
    """Reservations of a campaign, newest first; one more than a page shows.

    text: the beginning of a buyer's name, or a whole reservation id.
    """
    found = _in_state(Reservation.objects.filter(campaign=campaign), state, now)
    if text:
        found = found.filter(_about(text))
    if before:
        found = found.filter(made_at__lt=before)
    page = list(found.order_by("-made_at", "-id")[: HOLDS + 1])
    lines = _lines([one.pk for one in page])
    return [_hold(one, lines.get(one.pk, []), now) for one in page]


def _in_state(
    found: QuerySet[Reservation], state: str, now: datetime
) -> QuerySet[Reservation]:
    if state == HoldState.HELD:
        return found.filter(state=HoldState.HELD, expires_at__gt=now)
    if state == HoldState.EXPIRED:
        late = Q(state=HoldState.HELD, expires_at__lte=now)
        return found.filter(late | Q(state=HoldState.EXPIRED))
    return found.filter(state=state) if state else found


def _about(text: str) -> Q:
    try:
        return Q(pk=UUID(text))
    except ValueError:
        return Q(buyer__startswith=text)


def _lines(ids: Sequence[UUID]) -> dict[UUID, list[ReservationLine]]:
    found: dict[UUID, list[ReservationLine]] = {}
    lines = ReservationLine.objects.filter(reservation__in=ids)
    for line in lines.select_related("allocation__sku").order_by("allocation_id"):
        found.setdefault(line.reservation_id, []).append(line)
    return found


def _hold(one: Reservation, lines: Sequence[ReservationLine], now: datetime) -> Hold:
    late = one.state == HoldState.HELD and one.expires_at <= now
    return Hold(
        id=one.pk,
        buyer=one.buyer,
        state=HoldState.EXPIRED if late else one.state,
        made_at=one.made_at,
        expires_at=one.expires_at,
        order=one.order,
        units=sum(line.units for line in lines),
        skus=[f"{line.units} × {line.allocation.sku.code}" for line in lines],
    )


def entries(allocation_id: int) -> list[Movement]:
    """The ledger of one allocation without its checkouts, newest first."""
    found = Movement.objects.filter(allocation=allocation_id, reservation=None)
    return list(found.select_related("location", "actor").order_by("-id")[:ENTRIES])
