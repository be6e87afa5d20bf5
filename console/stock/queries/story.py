"""Who holds some of a campaign's stock now, and who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from console.stock.models import Reservation, ReservationLine
from console.stock.models.holds import Holds
from console.stock.rules import HoldState

HOLDS = 15


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


def _in_state(found: Holds, state: str, now: datetime) -> Holds:
    if state == HoldState.HELD:
        return found.active(now)
    if state == HoldState.EXPIRED:
        return found.expired(now)
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
