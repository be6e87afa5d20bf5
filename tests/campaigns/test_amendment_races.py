"""Amendments at once, and against the end: one of two, and not without the lock."""

from __future__ import annotations

from decimal import Decimal
from time import sleep
from typing import Any

import pytest
from django.db import DatabaseError

from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign, Line
from console.campaigns.operations import Change, Wish, amendments
from console.campaigns.rules import AmendmentDecided, WrongState
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def unlocked(code: str, _actor: object) -> Campaign:
    """What a careless operation reads."""
    return Campaign.objects.get(code=code)


def two() -> list[Amendment]:
    """Two proposals for one sale."""
    sale = make.armed()
    sku = sale.lines.get().sku.code
    return [
        campaigns.propose(
            sale.code,
            Change([Wish(sku, sale_price=Decimal(price))]),
            actor=sale.author,
            now=NOW,
        )
        for price in (60, 50)
    ]


def approve_both(plans: list[Amendment]) -> list[Any]:
    approvers = [make.user("approver") for _ in plans]
    return in_parallel(
        2,
        lambda n: campaigns.approve_amendment(
            plans[n].pk,
            content_hash=plans[n].content_hash,
            actor=approvers[n],
            now=NOW,
        ),
    )


def test_of_two_amendments_approved_at_once_exactly_one_wins() -> None:
    for _ in range(3):
        plans = two()
        told = approve_both(plans)
        lost = [one for one in told if isinstance(one, Exception)]
        assert [type(one) for one in lost] == [AmendmentDecided]
        (won,) = (one for one in told if isinstance(one, Amendment))
        line = Line.objects.get(campaign=won.campaign)
        assert line.sale_price == won.changes[0].after.sale_price


def test_control_without_the_lock_only_the_database_stops_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(amendments, "locked", unlocked)
    slow(monkeypatch)
    told = approve_both(two())
    (lost,) = (one for one in told if isinstance(one, Exception))
    assert isinstance(lost, DatabaseError)


def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either writes."""
    check = amendments._check_base

    def slowly(*args: Any) -> None:
        check(*args)
        sleep(0.6)

    monkeypatch.setattr(amendments, "_check_base", slowly)


def live() -> Amendment:
    first, _ = two()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(first.campaign.code, actor=None, now=NOW)
    return first


def amend_and_end(made: Amendment) -> list[Any]:
    approver, operator = make.user("approver"), make.user("operator")

    def act(n: int) -> Any:
        if n:
            sleep(0.2)
            return campaigns.end_now(
                made.campaign.code, reason="Recall", actor=operator, now=NOW
            )
        return campaigns.approve_amendment(
            made.pk, content_hash=made.content_hash, actor=approver, now=NOW
        )

    return in_parallel(2, act)


def test_an_amendment_and_the_end_come_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow(monkeypatch)
    made = live()
    told = amend_and_end(made)
    assert not [one for one in told if isinstance(one, Exception)]
    sale = Campaign.objects.get(pk=made.campaign_id)
    assert (sale.state, sale.version) == ("ending", made.base_version + 1)
    with pytest.raises(AmendmentDecided):
        campaigns.approve_amendment(
            made.pk,
            content_hash=made.content_hash,
            actor=make.user("approver"),
            now=NOW,
        )


def test_an_amendment_after_the_end_is_refused() -> None:
    made = live()
    operator = make.user("operator")
    campaigns.end_now(made.campaign.code, reason="Recall", actor=operator, now=NOW)
    with pytest.raises(WrongState):
        campaigns.approve_amendment(
            made.pk,
            content_hash=made.content_hash,
            actor=make.user("approver"),
            now=NOW,
        )


def test_control_without_the_lock_an_ended_sale_is_amended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The amendment looks before the end and writes after it."""
    monkeypatch.setattr(amendments, "locked", unlocked)
    slow(monkeypatch)
    ended: list[Any] = []
    write = amendments.delta.write

    def late(*args: Any, **named: Any) -> bool:
        ended.append(Campaign.objects.get().state)
        return write(*args, **named)

    monkeypatch.setattr(amendments.delta, "write", late)
    amend_and_end(live())
    assert ended == ["ending"]
