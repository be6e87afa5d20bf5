"""Settling paid units that are not there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import Shortfall
from console.stock.rules.shortfalls import AlreadyResolved, Resolution

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def resolve_shortfall(
    shortfall_id: int,
    *,
    resolution: Resolution,
    note: str = "",
    actor: User,
    now: datetime,
) -> Shortfall:
    """Note once what was done for a buyer whose paid units are not there.

    No unit moves. The same by the same person again changes nothing.

    Raises:
        Shortfall.DoesNotExist: there is none.
        AlreadyResolved: somebody resolved it before, otherwise.
        OutOfScope: the person is limited to other categories or markets.
    """
    named = Shortfall.objects.select_related("allocation__sku", "resolved_by")
    one = named.select_for_update(of=("self",)).get(pk=shortfall_id)
    check_within(actor, Kind.CAMPAIGN, [one.allocation.campaign])
    if one.resolved_at is not None:
        return _same(one, resolution, note, actor)
    one.resolution, one.note = resolution, note
    one.resolved_at, one.resolved_by = now, actor
    one.save(update_fields=["resolution", "note", "resolved_at", "resolved_by"])
    after = {"resolution": resolution.value, "units": one.units}
    record(actor, "stock.resolve_shortfall", one, now=now, after=after, reason=note)
    return one


def _same(one: Shortfall, resolution: Resolution, note: str, actor: User) -> Shortfall:
    if (one.resolution, one.note, one.resolved_by) == (resolution, note, actor):
        return one
    done, by = Resolution(one.resolution), one.resolved_by
    name = (by.get_full_name() or by.get_username()) if by else "Somebody"
    raise AlreadyResolved(
        f"{name} resolved this before: {done.label}. Reload the list.",
        detail={"resolution": done.value, "note": one.note},
    )
