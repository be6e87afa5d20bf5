"""What a level says, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from console.stock.models import Level


@dataclass(frozen=True)
class LevelSize:
    """What a level says: units there, units promised elsewhere, units held back."""

    on_hand: int
    committed: int
    buffer: int


def size_of(level: Level) -> LevelSize:
    """What a level says."""
    return LevelSize(level.on_hand, level.committed, level.buffer)
