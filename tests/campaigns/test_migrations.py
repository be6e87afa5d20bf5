"""Migrations that move rows, on a database that has some."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from console.campaigns.models import Undo
from tests import make
from tests.make import NOW

BEFORE = """
insert into campaigns_undo (campaign_id, what, by_id, at, last_line, settled)
values (%s, 'Set prices', %s, %s, 1, true) returning id
"""
ROW = """
insert into campaigns_undorow (undo_id, sku_id, units, buffer, price_confirmed,
    position, version)
values (%s, 1, 0, 0, false, 0, 0)
"""


@pytest.fixture
def at_0019(transactional_db: None) -> Iterator[None]:
    """The tables as they were before the migration."""
    call_command("migrate", "campaigns", "0019", verbosity=0)
    yield
    call_command("migrate", "campaigns", verbosity=0)


@pytest.mark.usefixtures("at_0019")
def test_an_undo_of_before_is_dropped() -> None:
    one = make.campaign(lines=0)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [one.pk, one.author_id, NOW])
        cursor.execute(ROW, cursor.fetchone())
    call_command("migrate", "campaigns", "0020", verbosity=0)
    assert not Undo.objects.exists()
