"""The doctor tells awake from late from never heard of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.shell import health, operations
from console.shell.health import Awake

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def state(name: str) -> Awake:
    return {check.name: check.state for check in health.processes(NOW)}[name]


def test_a_part_never_heard_of_is_unknown() -> None:
    assert state("Celery worker") == Awake.UNKNOWN


def test_a_fresh_sign_of_life_is_ok() -> None:
    operations.beat("worker", now=NOW - timedelta(seconds=14))
    assert state("Celery worker") == Awake.OK


def test_an_old_sign_of_life_is_late() -> None:
    operations.beat("worker", now=NOW - timedelta(seconds=16))
    assert state("Celery worker") == Awake.LATE


def test_the_latest_sign_of_life_wins() -> None:
    operations.beat("beat", now=NOW - timedelta(hours=1))
    operations.beat("beat", now=NOW)
    assert state("Celery beat") == Awake.OK


def test_database_and_cache_answer() -> None:
    found = {check.name: check.state for check in health.examine(now=NOW)}
    assert found["Database"] == Awake.OK
    assert found["Cache"] == Awake.OK
