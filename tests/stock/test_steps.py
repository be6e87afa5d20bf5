"""The steps of this room against a real gate and ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from console.runbook.models import Step
from console.stock import operations as stock
from console.stock import queries, steps
from console.stock.rules import Item
from tests import make

pytestmark = pytest.mark.django_db


def step(**wanted: object) -> Step:
    return Step(key="k", plan="campaign:FS-1", wanted={"campaign": "FS-1"} | wanted)


def test_draining_waits_for_the_last_hold() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=600)
    now = timezone.now()
    held = stock.reserve(
        "FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=now
    )
    seen = steps.drain_holds(step())
    assert (seen.pending, seen.values) == (True, {"holds": 1})
    stock.release(held.id, now=now)
    assert steps.drain_holds(step()).pending is False


def test_an_expired_hold_does_not_keep_draining_up() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    past = timezone.now() - timedelta(seconds=60)
    stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=past)
    assert steps.drain_holds(step()).pending is False


def test_returning_twice_gives_back_once() -> None:
    one = make.allocation(quantity=10, buffer=2)
    make.gate()
    stock.close_gate("FS-1", now=timezone.now())
    first, again = steps.return_units(step()), steps.return_units(step())
    assert first.values == again.values == {"sold": 0, "unsold": 10}
    assert queries.ats([one.sku_id]) == {one.sku_id: 10}


def test_returning_waits_while_buyers_hold_units() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=600)
    now = timezone.now()
    stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=now)
    stock.close_gate("FS-1", now=now)
    assert steps.return_units(step()).pending is True
