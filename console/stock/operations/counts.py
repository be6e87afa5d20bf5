"""Counting many levels at once, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import Level, Location, Sku
from console.stock.operations import goods, second
from console.stock.operations.goods import Goods
from console.stock.operations.ledger import Move, Why, briefly, locked_levels, post
from console.stock.operations.levels import check_size, moves, stale
from console.stock.operations.sizing import LevelSize, size_of
from console.stock.rules import Reason

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BATCH = 2000


@dataclass(frozen=True)
class Counted:
    """One row of a count; `row` is its number in the sheet.

    goods: what it says of the SKU itself, where it does.
    version: of the level as the sheet was exported; None does not ask.
    """

    row: int
    sku_code: str
    location: str
    size: LevelSize
    goods: Goods | None = None
    version: int | None = None


@dataclass(frozen=True)
class Told:
    """What a count would change or did; errors by row, and then nothing was written.

    described: SKUs that say something else of themselves. pending: counts too large
    for one person; they wait for another.
    """

    changed: int
    same: int
    errors: tuple[tuple[int, Refusal], ...]
    described: int = 0
    pending: int = 0


class UnknownThing(Refusal):
    """A SKU or a location that is not here."""

    code = "unknown"
    status = 422


@operation()
@briefly()
def count_many(
    rows: Sequence[Counted], *, actor: User | None, now: datetime, write: bool = True
) -> Told:
    """Set many levels as counted; with one error nothing is written.

    Of a level there is, a count too large for one person waits for another. A level
    that is new has no count to differ from, and is written.

    write: False only tells what would happen.

    Raises:
        OutOfScope: the person is limited to other categories than a SKU of it.
    """
    check_within(actor, Kind.SKU, {row.sku_code for row in rows})
    known = Sku.objects.filter(code__in={row.sku_code for row in rows})
    skus = dict(known.values_list("code", "pk"))
    places = dict(Location.objects.values_list("name", "pk"))
    levels = {(x.sku_id, x.location_id): x for x in locked_levels(skus.values())}
    wanted: dict[tuple[int, int], LevelSize] = {}
    errors = []
    for row in rows:
        try:
            _check(row, skus, places, levels, wanted)
        except Refusal as wrong:
            errors.append((row.row, wrong))
    changed = {
        key: size
        for key, size in wanted.items()
        if key not in levels or size_of(levels[key]) != size
    }
    late = _late(changed, levels, dict(known.values_list("pk", "cost")), actor)
    waits = second.waiting(levels[key].pk for key in late)
    for row in rows:
        level = levels.get(_key(row, skus, places)) if waits else None
        if level is not None and level.pk in waits:
            errors.append((row.row, second.already()))
    changed = {key: size for key, size in changed.items() if key not in late}
    said = goods.compared((x.row, x.sku_code, x.goods) for x in rows if x.goods)
    bad = (*errors, *said.errors)
    same = len(wanted) - len(changed) - len(late)
    why = Why(actor, now, Reason.IMPORT)
    if write and not bad and changed:
        _write(changed, levels, why)
    if write and not bad and late:
        second.put_off(((levels[key], size) for key, size in late.items()), why)
    if write and not bad and said.changed:
        goods.write(said.changed, why)
    return Told(len(changed), same, bad, len(said.changed), len(late))


def _key(row: Counted, skus: dict[str, int], places: dict[str, int]) -> tuple[int, int]:
    return skus.get(row.sku_code, 0), places.get(row.location, 0)


def _late(
    changed: dict[tuple[int, int], LevelSize],
    levels: dict[tuple[int, int], Level],
    costs: dict[int, Decimal | None],
    actor: User | None,
) -> dict[tuple[int, int], LevelSize]:
    """Which of them nobody may write alone."""
    return {
        key: size
        for key, size in changed.items()
        if actor is not None
        and key in levels
        and second.needs_second(levels[key], size, costs[key[0]])
    }


def _check(
    row: Counted,
    skus: dict[str, int],
    places: dict[str, int],
    levels: dict[tuple[int, int], Level],
    wanted: dict[tuple[int, int], LevelSize],
) -> None:
    if row.sku_code not in skus:
        raise UnknownThing(f"There is no SKU {row.sku_code[:64]}.", field="sku")
    if row.location not in places:
        told = f"There is no location {row.location[:60]}."
        raise UnknownThing(told, field="location")
    key = (skus[row.sku_code], places[row.location])
    if key in wanted:
        raise UnknownThing("This SKU and location came before.", field="sku")
    level = levels.get(key)
    if level is not None and row.version not in (None, level.version):
        raise stale(level, field="version")
    check_size(level.allocated if level is not None else 0, row.size)
    wanted[key] = row.size


def _write(
    changed: dict[tuple[int, int], LevelSize],
    levels: dict[tuple[int, int], Level],
    why: Why,
) -> None:
    entries: list[Move] = []
    fresh, kept = [], []
    for (sku_id, location_id), size in changed.items():
        level = levels.get((sku_id, location_id))
        if level is None:
            level = Level(sku_id=sku_id, location_id=location_id)
            fresh.append(level)
        else:
            kept.append(level)
        entries += moves(level, size)
        _set(level, size, why.now)
    Level.objects.bulk_create(fresh, batch_size=BATCH)
    Level.objects.bulk_update(kept, _FIELDS, batch_size=BATCH)
    post(entries, why)
    after = {"levels": len(changed), "new": len(fresh)}
    record(why.actor, "stock.count_many", "levels", now=why.now, after=after)


_FIELDS = ["on_hand", "committed", "buffer", "version", "counted_at"]


def _set(level: Level, size: LevelSize, now: datetime) -> None:
    level.on_hand, level.committed = size.on_hand, size.committed
    level.buffer, level.counted_at = size.buffer, now
    level.version += 1
