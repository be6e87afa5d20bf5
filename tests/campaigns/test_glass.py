"""Breaking the glass: alone, with a reason, an alarm, and a review by another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns import steps
from console.campaigns.models import BreakGlass, Campaign
from console.campaigns.operations import LineTerms
from console.campaigns.rules import (
    NotAllowedYet,
    NotConfirmed,
    NothingToReview,
    NotReviewed,
    OwnGlass,
    ReasonMissing,
    State,
)
from console.live import sampler
from console.live.models import Alert
from console.runbook.models import Step
from console.stock.models import Sku
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


def broken(one: Campaign, by: User | None = None, **said: Any) -> Campaign:
    told = {"reason": "Everybody is ill", "typed": one.code, "now": NOW} | said
    by = by or make.user("commander")
    return campaigns.break_glass(
        one.code, content_hash=one.content_hash, actor=by, **told
    )


def reviewed(one: Campaign, by: User | None = None, **said: Any) -> Campaign:
    told = {"decision": "right", "note": "Looked at the prices", "now": NOW} | said
    return campaigns.review_glass(one.code, actor=by or make.user("approver"), **told)


def deep() -> Campaign:
    """In review, and so deep that two people would approve it."""
    made = make.campaign()
    campaigns.edit_line(
        made.lines.get().pk, values=LineTerms(sale_price=Decimal(45)), version=1,
        actor=made.author, now=NOW,
    )  # fmt: skip
    return campaigns.submit(made.code, actor=made.author, now=NOW)


def test_one_person_arms_a_plan_alone_even_their_own() -> None:
    boss = make.user("merchandiser", "admin")
    one = make.submitted(author=boss)
    assert broken(one, boss).state == State.ARMED
    assert broken(deep()).state == State.ARMED
    said = Entry.objects.filter(verb="campaign.break_glass").latest("pk")
    assert said.reason == "Everybody is ill"


def test_it_asks_for_a_reason_and_for_the_code_typed() -> None:
    one = deep()
    with pytest.raises(NotConfirmed):
        broken(one, typed="FS-0000")
    with pytest.raises(ReasonMissing):
        broken(one, reason=" ")
    assert Campaign.objects.get().state == State.IN_REVIEW


def test_what_nobody_may_pass_over_still_stops_it() -> None:
    one = deep()
    Sku.objects.update(cost=Decimal(69))
    with pytest.raises(NotAllowedYet, match="below the floor"):
        broken(one)


def test_it_passes_over_a_freeze_and_is_not_suspended_by_it() -> None:
    one = deep()
    campaigns.freeze(
        "ERP", starts_at=NOW, ends_at=one.closes_at, actor=make.user(), now=NOW
    )
    assert broken(one).state == State.ARMED
    assert campaigns.recheck(one.code, now=NOW).suspended_at is None


@pytest.mark.django_db(transaction=True)
def test_an_alarm_stands_from_then_until_the_review() -> None:
    one = broken(deep())
    sampler.sample(now=NOW, health=[])
    told = Alert.objects.get(closed_at=None)
    assert (told.campaign, told.key, told.tone) == (one.code, "glass", "bad")
    assert "Everybody is ill" in told.detail
    assert told.of_plan
    reviewed(one)
    sampler.sample(now=NOW + timedelta(seconds=6), health=[])
    assert not Alert.objects.filter(closed_at=None).exists()


def wound_down(one: Campaign) -> Campaign:
    for act in (campaigns.warm, campaigns.ready, campaigns.open, campaigns.end):
        act(one.code, actor=None, now=NOW)
    return Campaign.objects.get(pk=one.pk)


def test_it_does_not_close_before_somebody_else_reviewed_it() -> None:
    tomasz = make.user("commander")
    one = broken(deep(), tomasz)
    assert wound_down(one).state == State.ENDING
    with pytest.raises(NotReviewed):
        campaigns.close(one.code, actor=None, now=NOW)
    step = Step.objects.get(kind="campaigns.close")
    assert steps.close_campaign(step).pending
    with pytest.raises(OwnGlass):
        reviewed(one, tomasz)
    with pytest.raises(ReasonMissing):
        reviewed(one, note=" ")
    reviewed(one)
    assert not steps.close_campaign(step).pending
    assert Campaign.objects.get().state == State.CLOSED
    with pytest.raises(NothingToReview):
        reviewed(one)


def test_the_database_refuses_to_close_it_and_a_review_of_ones_own() -> None:
    one = broken(deep())
    refused: Any = pytest.raises(IntegrityError, match="closed_after_its_review")
    with refused, transaction.atomic():
        Campaign.objects.filter(pk=one.pk).update(state="closed")
    glass = BreakGlass.objects.get()
    refused = pytest.raises(IntegrityError, match="glass_reviewed_by_another")
    with refused, transaction.atomic():
        BreakGlass.objects.update(
            reviewed_by=glass.by_id, reviewed_at=NOW, decision="right", note="x"
        )


def test_taking_it_back_does_not_spare_the_review() -> None:
    one = broken(deep())
    campaigns.withdraw(one.code, actor=one.author, now=NOW)
    one.refresh_from_db()
    assert one.unreviewed_since == NOW


@pytest.mark.parametrize(
    ("role", "status"), [("commander", 200), ("admin", 200), ("operator", 403)]
)
def test_the_dialog_is_for_commanders_and_admins(
    client: Client, role: str, status: int
) -> None:
    one = deep()
    client.force_login(make.user(role))
    there = reverse("campaigns:break_glass", args=[one.code])
    reply = client.get(there)
    assert reply.status_code == status
    said = "How much off a role may give is not asked"
    assert (said in reply.text) == (status == 200)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("still_clock")
def test_the_bell_leads_to_the_plan_whose_banner_asks_for_the_review(
    client: Client,
) -> None:
    one = broken(deep())
    sampler.sample(now=NOW, health=[])
    client.force_login(make.user("approver"))
    page = client.get(reverse("live:alerts"), headers=HTMX).text
    assert f'href="{reverse("campaigns:plan", args=[one.code])}"' in page


@pytest.mark.usefixtures("still_clock")
def test_the_pages_lead_from_the_glass_to_its_review(client: Client) -> None:
    one = deep()
    client.force_login(make.user("commander"))
    there = reverse("campaigns:break_glass", args=[one.code])
    said = {"reason": "Ill", "typed": "wrong", "content_hash": one.content_hash}
    assert client.post(there, said).status_code == 422
    page = client.post(there, said | {"typed": one.code}, follow=True).text
    assert "One person approved and armed it alone" in page
    review = reverse("campaigns:review_glass", args=[one.code])
    assert client.get(review).status_code == 403
    client.force_login(make.user("approver"))
    assert "Nobody has reviewed it yet" in client.get(review).text
    assert client.post(review, {"decision": "wrong"}).status_code == 422
    done = {"decision": "wrong", "note": "Call me next time"}
    assert client.post(review, done).status_code == 302
    assert "Call me next time" in client.get(review).text


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_broken_glass_at_once_arm_it_once() -> None:
    one, lena, tomasz = make.submitted(), make.user("approver"), make.user("commander")
    acts = [
        lambda: campaigns.approve(
            one.code, content_hash=one.content_hash, actor=lena, now=NOW
        ),
        lambda: broken(one, tomasz),
    ]
    told = in_parallel(2, lambda n: acts[n]())
    assert sum(isinstance(x, Campaign) for x in told) == 1
    assert Campaign.objects.get().state == State.ARMED
