"""A change of what an armed plan depends on keeps it from opening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns import steps
from console.campaigns.models import Campaign
from console.campaigns.operations import lifecycle, suspending
from console.campaigns.rules import State
from console.fatigue import operations as fatigue
from console.fatigue import queries as policies
from console.people import operations as people
from console.prices import operations as prices
from console.runbook import operations as runbook
from console.runbook.models import Hold, Step
from console.runbook.rules import PlanHeld
from console.stock import operations as stock
from console.stock.models import Allocation, Sku
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

HOUR = timedelta(hours=1)


def of_line(one: Campaign) -> Sku:
    return one.lines.get().sku


def lower_list_price(one: Campaign) -> None:
    Sku.objects.filter(pk=of_line(one).pk).update(regular_price=Decimal(60))


def note_a_low(one: Campaign) -> None:
    prices.note(of_line(one).code, Decimal(65), from_at=NOW)


def raise_cost(one: Campaign) -> None:
    Sku.objects.filter(pk=of_line(one).pk).update(cost=Decimal(69))


def shrink_allocation(one: Campaign) -> None:
    held = Allocation.objects.get(campaign=one.code)
    stock.resize(
        held.pk, quantity=5, buffer=0, version=held.version, actor=None, now=NOW
    )


def deactivate_owner(one: Campaign) -> None:
    people.deactivate(one.owner_id, actor=make.user("admin"), now=NOW)


CHANGES = {
    lower_list_price: "the list price is 60.00, not above the sale price of 70.00",
    note_a_low: "not below the 30-day low",
    raise_cost: "below the floor",
    shrink_allocation: "5 units are locked, 10 were approved",
    deactivate_owner: "who owns it, has no account any more",
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: str(one.__name__))
def test_a_conflicting_change_suspends_an_armed_plan(
    change: Callable[[Campaign], None],
) -> None:
    one = make.armed()
    assert campaigns.recheck(one.code, now=NOW).suspended_at is None
    change(one)
    found = campaigns.recheck(one.code, now=NOW)
    assert found.suspended_at == NOW
    assert CHANGES[change] in found.suspended_why
    assert Hold.objects.get().plan == one.plan


def freeze(one: Campaign) -> Any:
    assert one.opens_at and one.closes_at
    return campaigns.freeze(
        "ERP migration", starts_at=one.opens_at, ends_at=one.closes_at,
        actor=make.user("operator"), now=NOW,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_freeze_suspends_at_once_and_lifting_it_releases() -> None:
    one = make.armed()
    held = freeze(one)
    one.refresh_from_db()
    assert "ERP migration" in one.suspended_why
    campaigns.lift(held.pk, actor=make.user("operator"), now=NOW)
    one.refresh_from_db()
    assert (one.suspended_at, one.suspended_why) == (None, "")
    assert not Hold.objects.exists()
    verbs = list(Entry.objects.order_by("position").values_list("verb", flat=True))
    assert verbs[-4:] == [
        "campaign.freeze", "campaign.suspend", "campaign.lift", "campaign.release",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_message_that_comes_twice_is_harmless() -> None:
    one = make.armed()
    lower_list_price(one)
    for n in range(3):
        campaigns.recheck(one.code, now=NOW + n * HOUR)
    one.refresh_from_db()
    assert one.suspended_at == NOW
    assert Entry.objects.filter(verb="campaign.suspend").count() == 1
    campaigns.recheck_some(now=NOW)
    assert Entry.objects.filter(verb="campaign.suspend").count() == 1


@pytest.mark.django_db
def test_a_policy_saved_later_suspends_nothing() -> None:
    one = make.armed()
    scope = make.scope(one.audience)
    held = policies.in_force(scope.value, NOW)
    strict = held.limits().__class__(min_depth_percent=90)
    fatigue.save(
        scope.pk, strict, version=1, reason="Deep only", actor=None, now=NOW
    )  # fmt: skip
    assert campaigns.recheck(one.code, now=NOW).suspended_at is None


def claimed_titles(now: Any) -> set[str]:
    ids = [claim.step_id for claim in runbook.claim_due(now=now, limit=50)]
    return set(Step.objects.filter(pk__in=ids).values_list("kind", flat=True))


@pytest.mark.django_db
def test_nothing_opens_while_suspended() -> None:
    one = make.armed()
    assert one.opens_at and one.closes_at
    freeze(one)
    assert claimed_titles(one.opens_at + HOUR) == set()
    step = Step.objects.get(kind="campaigns.warm_up")
    with pytest.raises(PlanHeld):
        runbook.run_now(step.pk, actor=None, now=NOW)
    for act in (campaigns.warm, campaigns.open):
        assert act(one.code, actor=None, now=NOW).state == State.ARMED
    seen = steps.warm_up(step)
    assert seen.pending and "ERP migration" in seen.note
    assert "campaigns.end" in claimed_titles(one.closes_at)


@pytest.mark.django_db
def test_the_last_look_is_at_go_or_no_go() -> None:
    one = make.armed()
    campaigns.warm(one.code, actor=None, now=NOW)
    lower_list_price(one)
    assert campaigns.ready(one.code, actor=None, now=NOW).state == State.WARMING
    Sku.objects.update(regular_price=Decimal(100))
    assert campaigns.ready(one.code, actor=None, now=NOW).state == State.READY
    assert not Hold.objects.exists()


@pytest.mark.django_db
def test_taking_a_suspended_plan_back_frees_it_for_a_new_approval() -> None:
    one = make.armed()
    freeze(one)
    campaigns.withdraw(one.code, actor=one.author, now=NOW)
    assert not Hold.objects.exists()
    sent = campaigns.submit(
        one.code, actor=one.author, now=NOW, override="ERP team agreed"
    )
    for _ in range(2):
        again = campaigns.approve(
            one.code, content_hash=sent.content_hash, actor=make.user("approver"),
            now=NOW,
        )  # fmt: skip
    assert again.state == State.ARMED
    assert campaigns.recheck(one.code, now=NOW).suspended_at is None


@pytest.mark.django_db
def test_a_suspended_plan_fails_or_is_aborted_like_any_other() -> None:
    for act in ("end", "abort"):
        one = make.armed()
        held = freeze(one)
        if act == "end":
            campaigns.end(one.code, actor=None, now=one.closes_at)
        else:
            campaigns.abort(one.code, reason="No", actor=make.user(), now=NOW)
        one.refresh_from_db()
        assert one.suspended_at is None
        assert not Hold.objects.exists()
        campaigns.lift(held.pk, actor=make.user(), now=NOW)


@pytest.mark.django_db
def test_the_database_refuses_a_suspension_without_a_reason_or_too_late() -> None:
    one = make.armed()
    late = {"suspended_at": NOW, "suspended_why": "x", "state": "live"}
    for values, name in (
        ({"suspended_at": NOW}, "campaign_suspended_says_why"),
        (late, "before_it_opens"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Campaign.objects.filter(pk=one.pk).update(**values)


@pytest.mark.django_db
def test_the_page_says_why_and_looks_again(client: Client) -> None:
    one = make.armed()
    freeze(one)
    client.force_login(make.user("operator"))
    page = client.get(reverse("campaigns:plan", args=[one.code])).text
    assert "Suspended" in page and "ERP migration" in page
    assert "Suspended" in client.get(reverse("campaigns:list")).text
    again = reverse("campaigns:recheck", args=[one.code])
    assert "still suspended" in client.post(again, follow=True).text


def ready_to_open() -> Campaign:
    one = make.armed()
    for act in (campaigns.warm, campaigns.ready):
        act(one.code, actor=None, now=NOW)
    return one


def open_against_suspension(one: Campaign) -> Campaign:
    lower_list_price(one)
    acts: list[Callable[[], Any]] = [
        lambda: campaigns.open(one.code, actor=None, now=NOW),
        lambda: campaigns.recheck(one.code, now=NOW),
    ]
    in_parallel(2, lambda n: acts[n]())
    return Campaign.objects.get(pk=one.pk)


@pytest.mark.django_db(transaction=True)
def test_of_opening_and_suspending_at_once_one_comes_first() -> None:
    for _ in range(3):
        found = open_against_suspension(ready_to_open())
        assert (found.state == State.LIVE) == (found.suspended_at is None)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_it_opens_and_is_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both decide on what they read first; only the constraint stops the second."""
    one = ready_to_open()

    def loose(code: str, *_args: Any, **_named: Any) -> Campaign:
        found = Campaign.objects.get(code=code)
        sleep(0.5)
        return found

    monkeypatch.setattr(lifecycle, "locked", loose)
    monkeypatch.setattr(suspending, "locked", loose)
    lower_list_price(one)
    acts: list[Callable[[], Any]] = [
        lambda: campaigns.open(one.code, actor=None, now=NOW),
        lambda: campaigns.recheck(one.code, now=NOW),
    ]
    told = in_parallel(2, lambda n: acts[n]())
    assert [type(x) for x in told if isinstance(x, Exception)] == [IntegrityError]
