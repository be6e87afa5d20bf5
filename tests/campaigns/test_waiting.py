"""Sales that wait for others: armed only once those are over and put back."""

from __future__ import annotations

from itertools import pairwise
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Dependency
from console.campaigns.operations import desk
from console.campaigns.queries.readiness import verdict
from console.campaigns.queries.waiting import awaited
from console.campaigns.rules import UnknownCampaign, WrongState
from console.campaigns.rules.waiting import (
    StillWaiting,
    WaitsForItself,
    check_acyclic,
)
from console.runbook.models import Step
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db


def wait(one: Campaign, other: Campaign) -> None:
    campaigns.wait_for(one.code, on=other.code, actor=one.author, now=NOW)


def approved(sale: Campaign) -> Campaign:
    campaigns.submit(sale.code, actor=sale.author, now=NOW)
    sale.refresh_from_db()
    return campaigns.approve(
        sale.code, content_hash=sale.content_hash, actor=make.user("approver"), now=NOW
    )


def arm(sale: Campaign) -> Campaign:
    return campaigns.arm(sale.code, actor=make.user("approver"), now=NOW)


def test_a_sale_is_armed_once_the_other_is_over_and_put_back() -> None:
    first, second = make.armed(), make.campaign()
    wait(second, first)
    told = [check.text for check in verdict(second, now=NOW).warnings]
    assert f"Waits for {first.code}, which is armed" in told
    second = approved(second)
    assert second.state == "approved", "approved, but not armed"
    with pytest.raises(StillWaiting):
        arm(second)
    wanted = {"prices": {"A": "1.00", "B": "1.00", "C": "1.00"}}
    step = make.step("s", "prices.apply", plan=first.plan, wanted=wanted)
    Step.objects.filter(pk=step.pk).update(
        state="verified", started_at=NOW, finished_at=NOW, seen={}, reversible=True
    )
    Campaign.objects.filter(pk=first.pk).update(state="closed")
    with pytest.raises(StillWaiting) as refused:
        arm(second)
    assert "3 prices are not verified back" in refused.value.message
    Step.objects.filter(pk=step.pk).update(state="reverted", undoing=True)
    assert arm(second).state == "armed"


def test_a_circle_is_refused() -> None:
    sales = [make.campaign() for _ in range(3)]
    for one, other in pairwise(sales):
        wait(one, other)
    with pytest.raises(WaitsForItself) as refused:
        wait(sales[2], sales[0])
    assert refused.value.field == "on"
    with pytest.raises(WaitsForItself):
        wait(sales[0], sales[0])
    named = pytest.raises(IntegrityError, match="dependency_not_on_itself")
    with named, transaction.atomic():
        Dependency.objects.create(campaign=sales[0], on=sales[0])


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_an_edge_is_refused_exactly_if_there_is_a_way_back(
    edges: list[tuple[int, int]], waits: int, on: int
) -> None:
    reach = {on}
    for _ in range(8):
        reach |= {other for one, other in edges if one in reach}
    if waits in reach:
        with pytest.raises(WaitsForItself):
            check_acyclic(edges, waits, on)
    else:
        check_acyclic(edges, waits, on)


def test_waiting_voids_what_was_decided_and_ends_again() -> None:
    first, second = make.campaign(), make.submitted()
    wait(second, first)
    second.refresh_from_db()
    assert second.state == "draft"
    campaigns.wait_no_more(second.code, on=first.code, actor=first.author, now=NOW)
    assert not awaited(second)
    with pytest.raises(UnknownCampaign):
        campaigns.wait_for(second.code, on="FS-9", actor=first.author, now=NOW)
    Campaign.objects.filter(pk=second.pk).update(state="live")
    with pytest.raises(WrongState):
        wait(second, first)


def test_the_page_adds_and_ends_it(client: Client) -> None:
    first, second = make.campaign(), make.campaign()
    client.force_login(make.user("merchandiser"))
    there = reverse("campaigns:changes", args=[second.code])
    client.post(reverse("campaigns:wait_for", args=[second.code]), {"on": first.code})
    assert (
        f"Waits for {first.code}, which is draft" in client.get(there).content.decode()
    )
    said = {"on": first.code}
    client.post(reverse("campaigns:wait_no_more", args=[second.code]), said)
    assert "waits for no other" in client.get(there).content.decode()


def both(sales: list[Campaign]) -> list[Any]:
    return in_parallel(2, lambda n: wait(sales[n], sales[1 - n]))


@pytest.mark.django_db(transaction=True)
def test_of_two_edges_that_close_a_circle_one_is_refused() -> None:
    told = both([make.campaign(), make.campaign()])
    assert [type(one) for one in told if one] == [WaitsForItself]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_circle_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slowly(*edges: Any) -> None:
        check_acyclic(*edges)
        sleep(0.5)

    sales = [make.campaign(), make.campaign()]
    monkeypatch.setattr(desk, "check_acyclic", slowly)
    monkeypatch.setattr(desk, "locked", lambda code, _: Campaign.objects.get(code=code))
    monkeypatch.setattr(desk, "connection", Unlocked())
    told = both(sales)
    assert [one for one in told if one] == []
    assert Dependency.objects.count() == 2


class Unlocked:
    """A connection whose locks hold nothing."""

    def cursor(self) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    def execute(self, *args: Any) -> None:
        assert connection
