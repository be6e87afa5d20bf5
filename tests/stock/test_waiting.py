"""Who changes stock while somebody else does waits a moment, and not for ever."""

from __future__ import annotations

import psycopg
import pytest

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation
from console.stock.operations import ledger
from tests import make
from tests.stock.gatekit import database_of_tests

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_level_somebody_moves_for_long_is_told_as_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger, "LOCK_WAIT_S", 0.2)
    one = make.allocation(quantity=5)
    size = {"quantity": 4, "buffer": 0, "version": one.version}
    with psycopg.connect(database_of_tests()) as other:
        other.execute("SELECT 1 FROM stock_level FOR UPDATE")
        with pytest.raises(ledger.StockBusy):
            stock.resize(one.pk, **size, actor=None, now=clock.now())
    assert Allocation.objects.get(pk=one.pk).quantity == 5
    stock.resize(one.pk, **size, actor=None, now=clock.now())
    assert Allocation.objects.get(pk=one.pk).quantity == 4
