"""Locations: adding one, renaming it, moving it in the order, and taking it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import BufferPolicy, Level, Location, Sku
from console.stock.operations.applying import leave
from console.stock.operations.ledger import briefly
from console.stock.rules import StaleEdit
from console.stock.rules.buffers import BufferScope
from console.stock.rules.places import (
    MOST_LOCATIONS,
    BadLocation,
    LocationGone,
    LocationInUse,
    LocationTaken,
    check_order,
    location_name,
    moved,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
@briefly()
def add_location(name: str, *, actor: User | None, now: datetime) -> Location:
    """Add a place that holds stock, behind all others.

    Raises:
        BadLocation: it has no name, or there are too many.
        LocationTaken: there is one of that name.
        OutOfScope: the person is limited to some categories.
    """
    _check_all(actor)
    rows = _ordered()
    if len(rows) >= MOST_LOCATIONS:
        told = (
            f"There are {MOST_LOCATIONS:,} locations. Remove one without stock first."
        )
        raise BadLocation(told, field="name")
    made = Location(name=location_name(name))
    made.position = rows[-1].position + 1 if rows else 0
    _save(made)
    after = {"name": made.name, "position": made.position}
    record(actor, "stock.add_location", made, now=now, after=after)
    return made


@operation()
@briefly()
def rename_location(
    location_id: int, name: str, *, seen: str, actor: User | None, now: datetime
) -> Location:
    """Give a location another name; the policies that name it go along.

    seen: the name the editor saw.

    Raises:
        BadLocation: it would have no name.
        LocationTaken: another has that name.
        LocationGone, StaleEdit: somebody removed or renamed it since.
        OutOfScope: the person is limited to some categories.
    """
    _check_all(actor)
    one = _locked(location_id)
    before, wanted = one.name, location_name(name)
    if before != seen:
        raise StaleEdit(
            f"Somebody renamed it while you were editing: it is called {before} now. "
            "Open it again to rename that.",
            detail={"name": before},
        )
    if wanted == before:
        return one
    one.name = wanted
    _save(one)
    _policies_of(before).update(target=wanted)
    told = [{"name": before}, {"name": wanted}]
    verb = "stock.rename_location"
    record(actor, verb, one, now=now, before=told[0], after=told[1])
    return one


@operation()
@briefly()
def move_location(
    location_id: int,
    *,
    up: bool,
    seen: Sequence[int],
    actor: User | None,
    now: datetime,
) -> Location:
    """Let a location change places with the one before it, or the one behind it.

    Sales that lock from now on take in the new order. What policies hold back of SKUs
    that are there is worked out anew by the bell: at the last place first.
    seen: the ids in the order the person saw; at an end of it nothing changes.

    Raises:
        LocationGone: somebody removed it.
        StaleEdit: the order is another one by now.
        OutOfScope: the person is limited to some categories.
    """
    _check_all(actor)
    rows = {one.pk: one for one in _ordered()}
    if location_id not in rows:
        raise LocationGone("That location was removed. Look at those there are.")
    check_order(seen, list(rows))
    one, before = rows[location_id], list(rows)
    after = moved(before, location_id, up=up)
    if after == before:
        return one
    for position, pk in enumerate(after):
        rows[pk].position = position
    Location.objects.bulk_update(rows.values(), ["position"])
    there = Level.objects.filter(location=one)
    leave(Sku.objects.filter(pk__in=there.values("sku")))
    told = [{"order": [rows[pk].name for pk in order]} for order in (before, after)]
    verb = "stock.move_location"
    record(actor, verb, one, now=now, before=told[0], after=told[1])
    return one


@operation()
@briefly()
def remove_location(
    location_id: int, *, seen: str, actor: User | None, now: datetime
) -> None:
    """Take away a location that never had stock.

    seen: the name the person saw.

    Raises:
        LocationInUse: it has levels, or a feed or a policy is of it.
        LocationGone, StaleEdit: somebody removed or renamed it since.
        OutOfScope: the person is limited to some categories.
    """
    _check_all(actor)
    one = _locked(location_id)
    if one.name != seen:
        raise StaleEdit(f"Somebody renamed it: it is called {one.name} now.")
    if _policies_of(one.name).exists():
        raise LocationInUse(f"A buffer policy is of {one.name}. Remove that first.")
    before = {"name": one.name, "position": one.position}
    record(actor, "stock.remove_location", one, now=now, before=before)
    try:
        one.delete()
    except ProtectedError:
        told = f"{one.name} has levels, or a feed tells of it, so it stays."
        raise LocationInUse(told) from None


def _check_all(actor: User | None) -> None:
    """Refuse somebody limited to categories: a location is of every SKU's stock."""
    skus = Sku.objects.order_by("category", "code").distinct("category")
    check_within(actor, Kind.SKU, skus.values_list("code", flat=True))


def _ordered() -> list[Location]:
    """All of them in their order, locked; who writes levels there need not wait."""
    found = Location.objects.select_for_update(no_key=True).order_by("pk")
    return sorted(found, key=lambda one: (one.position, one.pk))


def _locked(location_id: int) -> Location:
    """The location, locked, so that nobody gives it stock meanwhile.

    Raises:
        LocationGone: somebody removed it.
    """
    one = Location.objects.select_for_update().filter(pk=location_id).first()
    if one is None:
        raise LocationGone("That location was removed. Look at those there are.")
    return one


def _policies_of(name: str) -> QuerySet[BufferPolicy]:
    return BufferPolicy.objects.filter(
        level=BufferScope.LOCATION, target=name, removed_at=None
    )


def _save(one: Location) -> None:
    """Save it; of two that are saved at once, the database refuses the second.

    Raises:
        LocationTaken: another has its name.
    """
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        told = f"There is a location called {one.name} already. Choose another name."
        raise LocationTaken(told, field="name") from None
