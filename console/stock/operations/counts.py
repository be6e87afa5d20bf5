"""Counting many levels at once, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.stock.models import Level, Location, Sku
from console.stock.operations import goods
from console.stock.operations.goods import Goods
from console.stock.operations.ledger import Move, Why, briefly, locked_levels, post
from console.stock.operations.levels import LevelSize, check_size, moves, size_of, stale
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

    described: SKUs that say something else of themselves.
    """

    changed: int
    same: int
    errors: tuple[tuple[int, Refusal], ...]
    described: int = 0


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
    said = goods.compared((x.row, x.sku_code, x.goods) for x in rows if x.goods)
    bad = (*errors, *said.errors)
    same = len(wanted) - len(changed)
    why = Why(actor, now, Reason.IMPORT)
    if write and not bad and changed:
        _write(changed, levels, why)
    if write and not bad and said.changed:
        goods.write(said.changed, why)
    return Told(len(changed), same, bad, len(said.changed))


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
