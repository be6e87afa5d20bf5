"""Counts that are too large for one person, as tests make them."""

from __future__ import annotations

from django.contrib.auth.models import User

from console.stock import operations as stock
from console.stock.models import Level, PendingCount
from console.stock.operations import LevelSize
from tests.make import NOW


def count(level: Level, on_hand: int, by: User | None) -> Level | PendingCount:
    size, version = LevelSize(on_hand, 0, 0), Level.objects.get(pk=level.pk).version
    return stock.adjust(
        level.pk, size=size, version=version, reason="count: shelf 3", actor=by, now=NOW
    )


def waits(level: Level, by: User) -> PendingCount:
    made = count(level, 500, by)
    assert isinstance(made, PendingCount)
    return made


def on_hand(level: Level) -> int:
    return Level.objects.get(pk=level.pk).on_hand
