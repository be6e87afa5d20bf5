"""Prices that turn while a SKU is sold out: shop by shop, as the steps there stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, SaleGate, SoldOut, SoldOutPolicy
from console.stock.operations import soldout_prices
from console.stock.operations.soldout_prices import follow
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
PLAN = "campaign:FS-1"


@pytest.fixture
def one() -> Allocation:
    """A SKU of a running sale that is sold out, and whose price is to go back."""
    found = make.allocation(of=make.sku("A"))
    make.gate()
    SoldOutPolicy.objects.create(campaign="FS-1", way="revert_price", changed_at=NOW)
    SoldOut.objects.create(allocation=found, empty_at=NOW, out_at=NOW)
    return found


def priced(shop: str, name: str = "prices", price: str = "60.00", **said: Any) -> Step:
    """A step of the sale that sets the price of A in a shop, and its end."""
    wanted = {"connection": shop, "campaign": "FS-1", "prices": {"A": price}}
    kind = said.pop("kind", "prices.apply")
    key = f"{PLAN}/1/{name}-{shop}"
    step = make.step(key, kind, target=shop, wanted=wanted, plan=PLAN)
    ends = {"wanted": {"keys": [key]}, "target": shop, "plan": PLAN}
    make.step(f"{key}-end", "runbook.revert", due_at=NOW + timedelta(hours=9), **ends)
    return became(step, said.get("state", "verified"))


def became(step: Step, state: str, at: datetime = NOW) -> Step:
    ended = None if state in ("due", "planned", "running") else at
    began = None if state in ("due", "planned") else at
    leased = at + timedelta(minutes=1) if state == "running" else None
    Step.objects.filter(pk=step.pk).update(
        state=state,
        finished_at=ended,
        started_at=began,
        lease_until=leased,
        seen={"prices": {}} if ended else None,
        error="No" if state == "failed" else "",
    )
    step.refresh_from_db()
    return step


def turns(kind: str = "prices.", **where: Any) -> list[Step]:
    found = Step.objects.filter(key__contains="/sold-out/", kind__startswith=kind)
    return list(found.filter(**where).order_by("pk"))


def back() -> None:
    SoldOut.objects.update(empty_at=None, out_at=None)


def test_a_shop_that_sets_its_price_later_takes_it_back_later(one: Allocation) -> None:
    priced("a")
    late = priced("b", state="due")
    follow(now=NOW)
    assert [step.target for step in turns()] == ["a"]
    became(turns()[0], "verified")
    became(late, "verified")
    follow(now=NOW + timedelta(seconds=1))
    assert [step.target for step in turns()] == ["a", "b"]
    became(turns()[1], "verified")
    assert follow(now=NOW + timedelta(seconds=2)) == 0
    back()
    follow(now=NOW + timedelta(seconds=3))
    assert sorted(step.target for step in turns("prices.apply")) == ["a", "b"]


def test_what_failed_is_tried_again_for_a_while_and_said(one: Allocation) -> None:
    priced("a")
    follow(now=NOW)
    (step,) = turns()
    assert queries.gone([one.pk])[one.pk].told == "taking the sale price back"
    became(step, "failed")
    assert "at a: see the run sheet" in queries.gone([one.pk])[one.pk].told
    assert follow(now=NOW + timedelta(seconds=30)) == 0
    assert follow(now=NOW + timedelta(seconds=61)) == 1
    step.refresh_from_db()
    assert step.state == "due"
    became(step, "verified")
    assert queries.gone([one.pk])[one.pk].told == "sale price taken back"
    became(step, "failed", NOW + timedelta(minutes=16))
    assert follow(now=NOW + timedelta(minutes=30)) == 0


def test_what_a_person_left_out_on_the_run_sheet_rests(one: Allocation) -> None:
    priced("a")
    follow(now=NOW)
    runbook.skip(turns()[0].pk, reason="Not here", actor=None, now=NOW)
    assert follow(now=NOW + timedelta(minutes=5)) == 0
    SoldOut.objects.update(out_at=NOW + timedelta(hours=1))
    assert follow(now=NOW + timedelta(hours=1)) == 1


def test_on_the_way_back_a_row_stays_until_the_price_is_there(one: Allocation) -> None:
    priced("a")
    follow(now=NOW)
    became(turns()[0], "verified")
    back()
    follow(now=NOW + timedelta(seconds=1))
    (step,) = turns("prices.apply")
    assert queries.gone([one.pk])[one.pk].price == "setting the sale price again"
    became(step, "failed", NOW + timedelta(minutes=16))
    follow(now=NOW + timedelta(minutes=20))
    assert SoldOut.objects.get().withdrawn
    assert "could not be set again at a" in queries.gone([one.pk])[one.pk].price
    became(step, "verified")
    follow(now=NOW + timedelta(minutes=21))
    assert not SoldOut.objects.get().withdrawn


def test_an_amended_price_is_waited_for_and_taken_back(one: Allocation) -> None:
    priced("a")
    amended = priced("a", "amended", "50.00", state="running")
    assert follow(now=NOW) == 0
    became(amended, "verified")
    follow(now=NOW)
    assert [step.wanted["prices"] for step in turns()] == [{"A": "50.00"}]
    became(turns()[0], "verified")
    priced("a", "again", "40.00")
    follow(now=NOW + timedelta(seconds=1))
    assert turns()[1].wanted["prices"] == {"A": "40.00"}


def test_what_an_amendment_took_out_is_never_set_again(one: Allocation) -> None:
    priced("a")
    follow(now=NOW)
    became(turns()[0], "verified")
    priced("a", "withdraw", kind="prices.withdraw")
    back()
    assert follow(now=NOW + timedelta(seconds=1)) == 0
    assert not SoldOut.objects.get().withdrawn


def test_where_the_end_has_begun_none_is_set_again(one: Allocation) -> None:
    priced("a")
    follow(now=NOW)
    became(turns()[0], "verified")
    became(Step.objects.get(kind="runbook.revert"), "running")
    back()
    assert follow(now=NOW + timedelta(seconds=1)) == 0


def abort_beside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A price is being set again while the sale is aborted; states of its step."""
    priced("a")
    follow(now=NOW)
    became(turns()[0], "verified")
    back()
    rewritten, go_on = Event(), Event()
    real = soldout_prices.rewrite

    def slowly(*args: Any, **said: Any) -> Step:
        made = real(*args, **said)
        rewritten.set()
        go_on.wait(2)
        return made

    monkeypatch.setattr(soldout_prices, "rewrite", slowly)
    worker = thread(lambda: follow(now=NOW + timedelta(seconds=1)))
    assert rewritten.wait(10)
    with transaction.atomic():
        stop = thread(go_on.wait)
        stock.close_gate("FS-1", now=NOW)
        runbook.cancel(PLAN, reason="Aborted", actor=None, now=NOW)
    go_on.set()
    stop.join(10)
    worker.join(10)
    return [step.state for step in turns("prices.apply")]


def thread(act: Callable[[], object]) -> Thread:
    def work() -> None:
        try:
            act()
        finally:
            connection.close()

    made = Thread(target=work)
    made.start()
    return made


@pytest.mark.django_db(transaction=True)
def test_an_abort_and_a_price_that_is_set_again_are_one_after_the_other(
    one: Allocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert abort_beside(monkeypatch) == ["skipped"]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_it_is_set_again_after_the_abort(
    one: Allocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(campaign: str) -> bool:
        return SaleGate.objects.filter(campaign=campaign, state="open").exists()

    monkeypatch.setattr(soldout_prices, "turns_locked", careless)
    assert abort_beside(monkeypatch) == ["planned"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("held", "planned"), [(True, 0), (False, 1)])
def test_while_a_plan_changes_no_price_turns_and_else_it_does(
    one: Allocation, held: bool, planned: int
) -> None:
    priced("a")
    with transaction.atomic():
        if held:
            stock.hold_turns("FS-1")
        worker = thread(lambda: follow(now=NOW))
        worker.join(10)
    assert len(turns()) == planned
    follow(now=NOW + timedelta(seconds=1))
    assert len(turns()) == 1
