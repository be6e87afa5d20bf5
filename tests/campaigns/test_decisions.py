"""Submitting, approving and rejecting, and what voids a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import LineTerms
from console.campaigns.rules import (
    AuthorCannotApprove,
    ContentChanged,
    Incomplete,
    NotAllowedYet,
    ReasonMissing,
    State,
    WindowPassed,
)
from console.runbook.models import Step
from console.stock import queries as stock
from console.stock.models import Allocation
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_submit_asks_for_a_date_to_come_and_products() -> None:
    dateless = make.campaign(opens_local=None, closes_local=None)
    with pytest.raises(Incomplete):
        campaigns.submit(dateless.code, actor=dateless.author, now=NOW)
    past = make.campaign(opens_at=NOW - timedelta(hours=1))
    with pytest.raises(WindowPassed):
        campaigns.submit(past.code, actor=past.author, now=NOW)
    empty = make.campaign(lines=0)
    with pytest.raises(NotAllowedYet) as refused:
        campaigns.submit(empty.code, actor=empty.author, now=NOW)
    assert "products" in refused.value.message


def test_approval_locks_stock_and_writes_the_plan() -> None:
    campaign = make.armed(lines=2)
    assert campaign.state == State.ARMED
    assert Allocation.objects.filter(campaign=campaign.code).count() == 2
    kinds = set(Step.objects.filter(plan=campaign.plan).values_list("kind", flat=True))
    assert {"campaigns.open", "campaigns.end", "campaigns.close"} <= kinds
    approval = Approval.objects.get()
    assert approval.content_hash == campaign.content_hash
    assert Entry.objects.order_by("-position")[0].verb == "campaign.approve"


def test_who_worked_on_a_plan_does_not_approve_it() -> None:
    boss = make.user("merchandiser", "admin")
    campaign = make.submitted(author=boss)
    helper = make.user("admin")
    campaign.editors.add(helper)
    for person in (boss, helper):
        with pytest.raises(AuthorCannotApprove):
            campaigns.approve(
                campaign.code,
                content_hash=campaign.content_hash,
                actor=person,
                now=NOW,
            )
    assert Campaign.objects.get().state == State.IN_REVIEW


def test_approval_is_bound_to_what_was_read() -> None:
    campaign = make.submitted()
    with pytest.raises(ContentChanged):
        campaigns.approve(
            campaign.code,
            content_hash="0" * 64,
            actor=make.user("approver"),
            now=NOW,
        )
    with connection.cursor() as cursor:
        cursor.execute("update campaigns_line set units = 11")
    with pytest.raises(ContentChanged):
        campaigns.approve(
            campaign.code,
            content_hash=campaign.content_hash,
            actor=make.user("approver"),
            now=NOW,
        )


def test_approval_is_refused_whole_when_stock_is_short() -> None:
    campaign = make.campaign(lines=2)
    line = campaign.lines.first()
    campaigns.edit_line(
        line.pk,
        values=LineTerms(units=101),
        version=1,
        actor=campaign.author,
        now=NOW,
    )
    with pytest.raises(NotAllowedYet) as refused:
        campaigns.submit(campaign.code, actor=campaign.author, now=NOW)
    assert "1 unit short" in refused.value.message
    assert not Allocation.objects.exists()


@pytest.mark.parametrize("made", [make.submitted, make.armed])
def test_any_edit_voids_what_was_decided(made: Any) -> None:
    campaign = made()
    line = campaign.lines.get()
    campaigns.edit_line(
        line.pk,
        values=LineTerms(units=11),
        version=1,
        actor=campaign.author,
        now=NOW,
    )
    campaign.refresh_from_db()
    assert (campaign.state, campaign.content_hash) == (State.DRAFT, "")
    assert not Step.objects.filter(plan=campaign.plan, state="planned").exists()
    assert stock.ats([line.sku_id]) == {line.sku_id: 100}
    assert stock.violations() == []


def test_a_plan_approved_again_has_steps_of_its_own() -> None:
    campaign = make.armed()
    campaigns.withdraw(campaign.code, actor=campaign.author, now=NOW)
    again = campaigns.submit(campaign.code, actor=campaign.author, now=NOW)
    campaigns.approve(
        again.code,
        content_hash=again.content_hash,
        actor=make.user("approver"),
        now=NOW,
    )
    steps = Step.objects.filter(plan=campaign.plan)
    assert set(steps.filter(key__contains="/1/").values_list("state", flat=True)) == {
        "skipped"
    }
    assert set(steps.filter(key__contains="/2/").values_list("state", flat=True)) == {
        "planned"
    }


def test_a_rejection_needs_a_reason_and_leads_back_to_draft() -> None:
    campaign, approver = make.submitted(), make.user("approver")
    with pytest.raises(ReasonMissing):
        campaigns.reject(campaign.code, reason=" ", actor=approver, now=NOW)
    campaigns.reject(campaign.code, reason="Too deep", actor=approver, now=NOW)
    assert Campaign.objects.get().state == State.DRAFT
    assert Approval.objects.get().reason == "Too deep"
