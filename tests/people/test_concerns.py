"""People limited to categories act on nothing else, in whatever room it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from console.people.models import Scope
from console.people.rules import OutOfScope
from console.prices import operations as prices
from console.prices.operations import Note
from console.prices.rules import Reason
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import operations as stock
from console.stock.models import Allocation, Level
from console.stock.operations import LevelSize, import_work
from console.stock.rules.soldout import SoldOutWay
from console.stock.tasks import work
from tests import make
from tests.make import NOW
from tests.prices.test_conflicts import conflict
from tests.stock.sheetkit import sheet, start

pytestmark = pytest.mark.django_db

Act = Callable[[User], object]


def limited(*categories: str, markets: tuple[str, ...] = ()) -> User:
    person = make.user("operator")
    Scope.objects.create(
        user=person, categories=list(categories), markets=list(markets)
    )
    return person


def _level(by: User) -> object:
    level = make.level(make.sku("TENT-1", category="Tents"))
    size = LevelSize(50, 0, 0)
    return stock.adjust(
        level.pk, size=size, version=level.version, reason="count", actor=by, now=NOW
    )


def _count(by: User) -> object:
    level = make.level(make.sku("TENT-1", category="Tents"))
    job = start(sheet(f"TENT-1,{level.location.name},50,,"), by=by)
    claimed = import_work.claim(job.pk, now=NOW)
    assert claimed
    work(claimed)
    return claimed


def _resize(by: User) -> object:
    make.armed(category="Tents")
    one = Allocation.objects.get()
    return stock.resize(
        one.pk, quantity=one.quantity, buffer=1, version=one.version, actor=by, now=NOW
    )


def _resize_many(by: User) -> object:
    make.armed(category="Tents")
    one = Allocation.objects.get()
    return stock.resize_many([(one.pk, one.version)], hold_back=1, actor=by, now=NOW)


def _stop(by: User) -> object:
    make.armed(category="Tents")
    return stock.stop_sku([Allocation.objects.get().pk], actor=by, now=NOW)


def _start(by: User) -> object:
    make.armed(category="Tents")
    Allocation.objects.update(state="stopped")
    return stock.start_sku([Allocation.objects.get().pk], actor=by, now=NOW)


def _set_backorder(by: User) -> object:
    make.armed(category="Tents")
    one = Allocation.objects.get()
    words = {"units": 5, "promise_at": None, "version": one.version}
    return stock.set_backorder(one.pk, **words, actor=by, now=NOW)


def _set_sold_out(by: User) -> object:
    one = make.armed(category="Tents")
    return stock.set_sold_out(one.code, SoldOutWay.BADGE, actor=by, now=NOW)


def _backfill(by: User) -> object:
    make.sku("TENT-1", category="Tents")
    at, why = NOW - timedelta(days=9), Reason.BACKFILL
    note = Note("TENT-1", Decimal(9), at, why, remark="Till roll")
    return prices.backfill(note, actor=by, now=NOW)


def _decide(by: User) -> object:
    one = make.armed(category="Tents")
    found = conflict(campaign=one.code)
    return prices.decide(found.pk, choice="keep", actor=by, now=NOW)


def _skip(by: User) -> object:
    one = make.armed(category="Tents")
    step = Step.objects.of(f"campaign:{one.code}").filter(state="planned").first()
    assert step
    return runbook.skip(step.pk, reason="Not today", actor=by, now=NOW)


ACTS = [
    *(_level, _count, _resize, _resize_many, _stop, _start, _set_backorder),
    *(_set_sold_out, _backfill, _decide, _skip),
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_outside_of_a_scope_nothing_is_done(act: Act) -> None:
    with pytest.raises(OutOfScope, match="limited to Boots, and this concerns Tents"):
        act(limited("Boots"))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_inside_it_and_without_one_it_is(act: Act) -> None:
    assert act(limited("Boots", "Tents"))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_who_has_no_scope_may_do_all_of_it(act: Act) -> None:
    assert act(make.user("operator"))


def test_a_step_of_no_campaign_is_of_every_scope() -> None:
    make.armed(category="Tents")
    Step.objects.update(plan="upkeep")
    step = Step.objects.filter(state="planned")[0]
    assert runbook.skip(step.pk, reason="x", actor=limited("Boots"), now=NOW)


def test_the_page_says_why_a_level_stays_as_it_is(client: Client) -> None:
    level = make.level(make.sku("TENT-1", category="Tents"), units=7)
    client.force_login(limited("Boots"))
    said = {"on_hand": 9, "committed": 0, "buffer": 0, "reason": "count"}
    reply = client.post(
        reverse("stock:adjust", args=[level.pk]), said | {"version": level.version}
    )
    assert reply.status_code == 403
    assert "limited to Boots, and this concerns Tents" in reply.text
    assert Level.objects.get().on_hand == 7
