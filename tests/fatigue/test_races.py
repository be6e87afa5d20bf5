"""Two people save one policy at once, with the lock and without it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError

from console.fatigue import operations
from console.fatigue.models import Policy
from console.fatigue.operations import StalePolicy
from console.fatigue.rules import Limits
from tests import make
from tests.racing import in_parallel

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def saver() -> Callable[[int], Policy]:
    """Saves a version after version 1 of one audience, once both are under way."""
    everyone = operations.add_audience("Everyone", actor=None, now=NOW)

    def save(number: int) -> Policy:
        limits = Limits(red=80 + number)
        return operations.save(
            make.scope(everyone).pk, limits, version=1, reason="", actor=None, now=NOW
        )

    return save


def test_of_two_savers_one_wins_and_one_is_told() -> None:
    got = in_parallel(2, saver())
    assert sorted(type(one).__name__ for one in got) == ["Policy", "StalePolicy"]
    assert Policy.objects.count() == 2


def test_control_without_the_lock_the_second_meets_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both read version 1, so the test above does race; the constraint still stands."""
    both_read = Barrier(2)

    def careless(scope_id: int) -> Policy:
        found = Policy.objects.filter(scope_id=scope_id).newest()
        policy = found.select_related("scope")[0]
        with suppress(BrokenBarrierError):
            both_read.wait(5)
        return policy

    save = saver()
    monkeypatch.setattr(operations, "lock_policy", careless)
    got = in_parallel(2, save)
    assert not any(isinstance(one, StalePolicy) for one in got)
    assert sum(isinstance(one, IntegrityError) for one in got) == 1
    assert Policy.objects.count() == 2
