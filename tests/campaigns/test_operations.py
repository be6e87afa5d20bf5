"""Writing, deciding about and running a campaign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign, Line
from console.campaigns.operations import LineTerms, Terms
from console.campaigns.operations.changes import TERMS
from console.campaigns.rules import (
    AuthorCannotApprove,
    BadLine,
    ContentChanged,
    Incomplete,
    NotAllowedYet,
    ReasonMissing,
    SalePriceAboveList,
    StaleEdit,
    State,
    WindowPassed,
    WrongState,
)
from console.runbook.models import Step
from console.stock import queries as stock
from console.stock.models import Allocation, SaleGate
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def terms_of(campaign: Campaign, **changes: Any) -> Terms:
    said = {name: getattr(campaign, name) for name in Terms.__dataclass_fields__}
    return replace(Terms(**said), **changes)


def test_a_hash_covers_every_term() -> None:
    ours = set(Terms.__dataclass_fields__)
    assert ours <= set(TERMS)


def test_codes_count_up() -> None:
    first = make.campaign(lines=0, code="FS-0041")
    second = make.campaign(lines=0)
    assert (first.code, second.code) == ("FS-0041", "FS-0042")


def test_create_needs_a_name_and_both_ends() -> None:
    with pytest.raises(Incomplete) as refused:
        make.campaign(name=" ")
    assert refused.value.field == "name"
    with pytest.raises(Incomplete) as refused:
        make.campaign(closes_local=None)
    assert refused.value.field == "closes_local"


def test_edit_of_a_stale_version_is_refused_with_the_newer_values() -> None:
    campaign = make.campaign(lines=0)
    campaigns.edit(
        campaign.code,
        terms=terms_of(campaign, name="Newer"),
        version=1,
        actor=campaign.author,
        now=NOW,
    )
    with pytest.raises(StaleEdit) as refused:
        campaigns.edit(
            campaign.code,
            terms=terms_of(campaign, name="Older"),
            version=1,
            actor=campaign.author,
            now=NOW,
        )
    assert refused.value.detail == {"newer": {"name": "Newer"}, "version": 2}
    assert Campaign.objects.get().name == "Newer"


def test_an_edit_that_changes_nothing_voids_nothing() -> None:
    campaign = make.submitted()
    campaigns.edit(
        campaign.code,
        terms=terms_of(campaign),
        version=99,
        actor=campaign.author,
        now=NOW,
    )
    assert Campaign.objects.get().state == State.IN_REVIEW


@pytest.mark.parametrize(
    "values,field",
    [
        (LineTerms(sale_price=Decimal(100)), "sale_price"),
        (LineTerms(sale_price=Decimal(0)), "sale_price"),
        (LineTerms(units=-1), "units"),
        (LineTerms(units=0), "units"),
        (LineTerms(buffer=-1), "buffer"),
        (LineTerms(buffer=10), "buffer"),
    ],
)
def test_a_line_that_cannot_be_is_refused(values: LineTerms, field: str) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    with pytest.raises((BadLine, SalePriceAboveList)) as refused:
        campaigns.edit_line(
            line.pk, values=values, version=1, actor=campaign.author, now=NOW
        )
    assert refused.value.field == field
    assert Line.objects.get().version == 1


@pytest.mark.parametrize(
    "change",
    [
        "sale_price = 100",
        "sale_price = 0",
        "buffer = units",
    ],
)
def test_the_database_refuses_a_line_that_cannot_be(change: str) -> None:
    make.campaign()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"update campaigns_line set {change}")


def test_a_line_edited_from_an_old_version_is_refused() -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    edit = {"version": 1, "actor": campaign.author, "now": NOW}
    campaigns.edit_line(line.pk, values=LineTerms(units=20), **edit)
    with pytest.raises(StaleEdit) as refused:
        campaigns.edit_line(line.pk, values=LineTerms(units=30), **edit)
    assert refused.value.detail["newer"] == {"units": 20}


def test_the_same_sku_twice_is_refused() -> None:
    campaign = make.campaign()
    code = campaign.lines.get().sku.code
    values = LineTerms(sale_price=Decimal(1), units=1)
    with pytest.raises(BadLine) as refused:
        campaigns.add_line(
            campaign.code, sku_code=code, values=values, actor=campaign.author, now=NOW
        )
    assert refused.value.field == "sku"


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
    assert "1 units short" in refused.value.message
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


def test_a_whole_life() -> None:
    campaign = make.armed()
    code, actor = campaign.code, make.user("operator")
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        for _ in range(2):
            act(code, actor=None, now=NOW)
    assert Campaign.objects.get().state == State.LIVE
    campaigns.pause(code, actor=actor, now=NOW)
    campaigns.resume(code, actor=actor, now=NOW)
    for act in (campaigns.end, campaigns.close):
        for _ in range(2):
            act(code, actor=None, now=NOW)
    assert Campaign.objects.get().state == State.CLOSED
    with pytest.raises(WrongState):
        campaigns.open(code, actor=None, now=NOW)


def test_extending_moves_the_wind_down() -> None:
    campaign = make.armed()
    later = campaign.closes_local + timedelta(hours=1)
    end = Step.objects.get(kind="campaigns.end")
    campaigns.extend(
        campaign.code, closes_local=later, actor=make.user("operator"), now=NOW
    )
    moved = Step.objects.get(kind="campaigns.end")
    assert moved.due_at - end.due_at == timedelta(hours=1)
    opening = Step.objects.get(kind="campaigns.open")
    assert opening.due_at == campaign.opens_at
    assert Approval.objects.filter(kind="amend").count() == 1
    campaigns.warm(campaign.code, actor=None, now=NOW)


def test_an_end_in_the_past_is_refused() -> None:
    campaign = make.armed()
    with pytest.raises(WindowPassed) as refused:
        campaigns.extend(
            campaign.code,
            closes_local=campaign.opens_local,
            actor=make.user("operator"),
            now=NOW,
        )
    assert refused.value.field == "closes_local"


def test_a_sale_that_never_opened_fails_at_its_end() -> None:
    campaign = make.armed()
    campaigns.end(campaign.code, actor=None, now=campaign.closes_at)
    assert Campaign.objects.get().state == State.FAILED
    opening = Step.objects.filter(phase__in=["prepare", "scale", "warm", "open"])
    assert set(opening.values_list("state", flat=True)) == {"skipped"}
    winding = Step.objects.exclude(phase__in=["prepare", "scale", "warm", "open"])
    assert set(winding.values_list("state", flat=True)) == {"planned"}


def test_aborting_an_armed_campaign_returns_its_stock_at_once() -> None:
    campaign = make.armed()
    line = campaign.lines.get()
    campaigns.abort(
        campaign.code, reason="Recall", actor=make.user("operator"), now=NOW
    )
    assert Campaign.objects.get().state == State.ABORTED
    assert stock.ats([line.sku_id]) == {line.sku_id: 100}


def test_aborting_a_live_sale_plans_what_undoes_it() -> None:
    campaign = make.armed()
    code = campaign.code
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(code, actor=None, now=NOW)
    campaigns.abort(code, reason="Recall", actor=make.user("operator"), now=NOW)
    waiting = Step.objects.filter(plan=campaign.plan, state="planned")
    assert {step.kind for step in waiting} == {
        "stock.drain_holds",
        "stock.return_units",
        "orders.drain",
    }
    with pytest.raises(WrongState):
        campaigns.resume(code, actor=make.user("operator"), now=NOW)


@pytest.mark.parametrize("early", [True, False])
def test_ending_now_closes_the_gate_and_brings_the_wind_down_forward(
    early: bool,
) -> None:
    campaign = make.armed()
    code = campaign.code
    now = NOW if early else campaign.opens_at + timedelta(minutes=10)
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(code, actor=None, now=now)
    operator = make.user("operator")
    with pytest.raises(ReasonMissing):
        campaigns.end_now(code, reason="", actor=operator, now=now)
    campaigns.end_now(code, reason="Recall", actor=operator, now=now)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_at) == (State.ENDING, now)
    assert campaign.closes_at > campaign.opens_at
    end = Step.objects.get(kind="campaigns.end")
    assert end.due_at <= max(now, campaign.closes_at)
    assert SaleGate.objects.get().state == "closed"
    campaigns.end(code, actor=None, now=now)
    campaigns.close(code, actor=None, now=now)
    assert Campaign.objects.get().state == State.CLOSED


def test_only_a_draft_is_discarded() -> None:
    campaign = make.campaign()
    campaigns.discard(campaign.code, actor=campaign.author, now=NOW)
    assert Campaign.objects.get().state == State.ABORTED
    with pytest.raises(WrongState):
        campaigns.discard(campaign.code, actor=campaign.author, now=NOW)


def test_an_extension_into_the_rest_of_a_later_sale_is_refused() -> None:
    people = make.audience(min_gap_days=1, gap_counts="rolling")
    first = make.armed(of=people, opens_at=NOW + timedelta(hours=4), hours=2)
    make.armed(of=people, opens_at=NOW + timedelta(hours=31), hours=2)
    operator = make.user("operator")
    fits = first.closes_local + timedelta(minutes=30)
    campaigns.extend(first.code, closes_local=fits, actor=operator, now=NOW)
    with pytest.raises(NotAllowedYet) as refused:
        campaigns.extend(
            first.code,
            closes_local=first.closes_local + timedelta(hours=3),
            actor=operator,
            now=NOW,
        )
    assert refused.value.field == "closes_local"
