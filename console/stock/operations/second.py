"""Counts that are too large for one person: kept until another agrees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal

from django.conf import settings

from console.audit.operations import record
from console.errors import Refusal
from console.stock.models import Level, PendingCount
from console.stock.operations.ledger import Why
from console.stock.operations.sizing import LevelSize, size_of
from console.stock.rules.counting import too_large


class AlreadyPending(Refusal):
    """A count of this level waits for somebody to agree."""

    code = "already_pending"


def needs_second(level: Level, size: LevelSize, cost: Decimal | None) -> bool:
    """True if nobody may write this count alone (`ADJUST_ALONE_UNITS`, `…_VALUE`)."""
    before = asdict(size_of(level))
    return too_large(
        [units - before[name] for name, units in asdict(size).items()],
        cost=cost,
        most_units=settings.ADJUST_ALONE_UNITS,
        most_value=settings.ADJUST_ALONE_VALUE,
    )


def waiting(level_ids: Iterable[int]) -> set[int]:
    """Levels of which a count waits."""
    found = PendingCount.objects.filter(level__in=set(level_ids), approved=None)
    return set(found.values_list("level", flat=True))


def check_waits_not(level: Level) -> None:
    """Refuse a second count while one waits.

    Raises:
        AlreadyPending: on hand as that one says.
    """
    found = PendingCount.objects.filter(level=level, approved=None).first()
    if found is not None:
        raise AlreadyPending(
            f"A count of this level, {found.on_hand:,} on hand, waits for a second "
            "person. Approve or refuse that one first.",
            field="on_hand",
        )


def already() -> AlreadyPending:
    """What is said of a row of a sheet."""
    told = "A count of this level waits for a second person: decide on that first."
    return AlreadyPending(told, field="on_hand")


def put_off(pairs: Iterable[tuple[Level, LevelSize]], why: Why) -> list[PendingCount]:
    """Keep counts of locked levels for somebody else to agree to."""
    made = PendingCount.objects.bulk_create(
        [
            PendingCount(
                level=level,
                version=level.version,
                reason=why.reason,
                by=why.actor,
                at=why.now,
                **asdict(size),
                **{f"was_{name}": n for name, n in asdict(size_of(level)).items()},
            )
            for level, size in pairs
        ],
        batch_size=2_000,
    )
    for one in made:
        _tell(one, why)
    return made


def _tell(one: PendingCount, why: Why) -> None:
    record(
        why.actor,
        "stock.propose_count",
        one.level,
        now=why.now,
        before=asdict(size_of(one.level)),
        after=asdict(LevelSize(one.on_hand, one.committed, one.buffer)),
        reason=why.reason,
    )
