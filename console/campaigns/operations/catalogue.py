"""Bringing a catalogue in: SKUs and their price histories, all rows or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from console.audit.operations import operation, record
from console.campaigns.catalogue import writing
from console.campaigns.catalogue.judging import Judged, judged, values
from console.campaigns.catalogue.reading import Bad, Said
from console.campaigns.operations.changes import check_reach
from console.errors import Refusal
from console.prices import operations as prices
from console.prices import queries as histories
from console.prices.models import PricePoint
from console.prices.operations import Note
from console.prices.queries import Key, Standing
from console.prices.rules import Reason
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAMED = 100
"""SKUs that the trail names one by one, and bad cells that a refusal tells."""


class BadRows(Refusal):
    """Some rows of a catalogue are wrong, so nothing was changed."""

    code = "bad_rows"
    status = 422


class PricesMoved(Refusal):
    """Somebody else wrote a history that the sheet was about to write."""

    code = "prices_moved"


@dataclass(frozen=True)
class Brought:
    """What a catalogue did, or would do.

    made, changed, same: SKUs; one with a new price in its history is changed. prices:
    rows of histories; past: those of them that were in force before.
    """

    rows: int
    made: int
    changed: int
    same: int
    prices: int
    past: int


def update_catalogue(
    rows: Sequence[Said],
    bad: Sequence[Bad] = (),
    *,
    file: str = "",
    only_look: bool = False,
    actor: User,
    now: datetime,
) -> Brought:
    """Make and change SKUs as a sheet says, and note prices that are new.

    bad: cells that could not be read; with one of them nothing is written.
    only_look: tell what would become of them. Nothing is written and nothing held, so
    that nobody waits for a look.

    Raises:
        BadRows: which cells, in `detail`; nothing was changed.
        PricesMoved: a sale opened or ended at this very moment.
        CatalogueBusy: another sheet is being brought in, and takes long.
        OutOfScope: a SKU is, or would be, of a category the actor is limited from.
    """
    if only_look:
        said, _ = _judged(rows, bad, Sku.objects.all(), actor=actor, now=now)
        return _counted(rows, said, prices.unsaid(said.notes))
    with operation(), writing.patiently():
        return _update(rows, bad, file=file, actor=actor, now=now)


def _update(
    rows: Sequence[Said], bad: Sequence[Bad], *, file: str, actor: User, now: datetime
) -> Brought:
    writing.hold()
    skus = Sku.objects.select_for_update(no_key=True)
    said, known = _judged(rows, bad, skus, actor=actor, now=now)
    writing.write(said.fresh, [sku for sku, _ in said.changed])
    _hold(said.notes, known, now)
    told = _counted(rows, said, prices.note_all(said.notes))
    _record(told, said, file=file, actor=actor, now=now)
    return told


def _judged(
    rows: Sequence[Said],
    bad: Sequence[Bad],
    skus: QuerySet[Sku],
    *,
    actor: User,
    now: datetime,
) -> tuple[Judged, Mapping[Key, Standing]]:
    """What a sheet would write, and what the histories said when it was judged.

    Raises:
        BadRows, OutOfScope: see `update_catalogue`.
    """
    codes = {row.sku for row in rows}
    held = {sku.code: sku for sku in skus.filter(code__in=codes).order_by("pk")}
    before = {sku.category for sku in held.values()}
    known = histories.standing(codes)
    said = judged(rows, held, known, now=now)
    _check_reach(before, [*held.values(), *said.fresh], actor)
    check([*bad, *said.bad])
    return said, known


def _hold(notes: Iterable[Note], known: Mapping[Key, Standing], now: datetime) -> None:
    """Let nobody else write these histories any more, and see that nobody has.

    Taken last and only where a price is noted: a sale that opens waits for it.

    Raises:
        PricesMoved: a sale opened or ended since they were read, or since the clock of
            this sheet was: a price noted now would lie before that sale's.
    """
    codes = sorted({one.sku_code for one in notes})
    prices.hold(codes)
    for key, one in histories.standing(codes).items():
        if known.get(key) != one or _behind(one, now):
            raise PricesMoved(
                f"The price of {key[0]} changed while the sheet was read, so nothing "
                "was changed. Bring it in again.",
                field="file",
            )


def _behind(one: Standing, now: datetime) -> bool:
    """Whether something was written behind the clock of this sheet."""
    return any(at and at > now for at in (one.since, one.sale_from))


def _check_reach(before: set[str], after: Iterable[Sku], actor: User) -> None:
    """What a SKU is counts as well as what it becomes."""
    named = before | {sku.category for sku in after}
    check_reach(actor, named - {""}, frozenset())


def check(bad: Sequence[Bad]) -> None:
    """Refuse a sheet with a bad cell.

    Raises:
        BadRows: the first in its sentence, and some more of them in `detail`.
    """
    if not bad:
        return
    told = sorted(bad, key=lambda one: one.row)
    count = len({one.row for one in told})
    first = f"Row {told[0].row}, {told[0].field}: {told[0].message}"
    rows = [asdict(one) for one in told[:NAMED]]
    raise BadRows(
        f"{count:,} {'row is' if count == 1 else 'rows are'} wrong, so nothing was "
        f"changed. {first}",
        field="file",
        detail={"wrong": count, "cells": len(told), "rows": rows},
    )


def _counted(
    rows: Sequence[Said], said: Judged, noted: Sequence[PricePoint]
) -> Brought:
    made = {sku.code for sku in said.fresh}
    moved = {sku.code for sku, _ in said.changed} | {one.sku for one in noted}
    return Brought(
        rows=len(rows),
        made=len(made),
        changed=len(moved - made),
        same=len({row.sku for row in rows}) - len(made | moved),
        prices=len(noted),
        past=sum(one.reason == Reason.BACKFILL for one in noted),
    )


def _record(
    told: Brought, said: Judged, *, file: str, actor: User, now: datetime
) -> None:
    """One entry, unless nothing changed."""
    if not (told.made or told.changed):
        return
    named = said.changed[:NAMED]
    record(
        actor,
        "catalogue.update",
        "catalogue",
        now=now,
        before={sku.code: was for sku, was in named},
        after={"file": file[:200], **asdict(told)}
        | {"skus": {sku.code: values(sku) for sku, _ in named}},
    )
