"""Migrations that move rows, on a database that has some."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import Settings

from console.stock.models import PendingCount
from tests import make
from tests.stock.pendingkit import waits


@pytest.fixture
def forward_again(transactional_db: None) -> Iterator[None]:
    """Whatever is undone meanwhile is made again."""
    yield
    call_command("migrate", "stock", verbosity=0)


@pytest.mark.usefixtures("forward_again")
def test_what_levels_said_before_counts_of_before_is_unknown(
    settings: Settings,
) -> None:
    settings.ADJUST_ALONE_UNITS = 50
    waits(make.level(units=100), make.user("operator"))
    call_command("migrate", "stock", "0020", verbosity=0)
    call_command("migrate", "stock", verbosity=0)
    one = PendingCount.objects.get()
    assert one.on_hand == 500
    assert (one.was_on_hand, one.was_committed, one.was_buffer) == (None, None, None)
