"""What a level says, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from console.stock.models import Level, PendingCount


@dataclass(frozen=True)
class LevelSize:
    """What a level says: units there, units promised elsewhere, units held back."""

    on_hand: int
    committed: int
    buffer: int


def size_of(level: Level) -> LevelSize:
    """What a level says."""
    return LevelSize(level.on_hand, level.committed, level.buffer)


def size_before(one: PendingCount) -> LevelSize | None:
    """What the level said when this count was made; None where it was not kept."""
    was = one.was_on_hand, one.was_committed, one.was_buffer
    known = [units for units in was if units is not None]
    return LevelSize(*known) if len(known) == len(was) else None
