"""Moving the end of a sale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from console.campaigns.queries import places
from console.campaigns.rules import (
    EndUnchanged,
    NotAllowedYet,
    ReasonMissing,
    State,
    WindowPassed,
)
from console.runbook.models import Step
from console.stock.models import SaleGate
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


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


def test_an_end_that_does_not_move_is_refused_and_leaves_no_trace() -> None:
    sale = make.armed()
    entries = Entry.objects.count()
    with pytest.raises(EndUnchanged) as refused:
        campaigns.extend(
            sale.code,
            closes_local=sale.closes_local,
            actor=make.user("operator"),
            now=NOW,
        )
    assert refused.value.field == "closes_local"
    assert Entry.objects.count() == entries


FOLD = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
"""02:30 in Berlin for the second time; 00:30 in UTC it was the first."""


def berlin(day: datetime) -> Campaign:
    """A sale in Berlin that is armed in time and opens half an hour before midnight."""
    now = day - timedelta(hours=6)
    made = make.campaign(
        zone="Europe/Berlin",
        opens_local=datetime.fromisoformat("2026-10-24T23:30"),
        closes_local=datetime.fromisoformat("2026-10-25T01:30"),
        lines=0,
    )
    make.line(made, author=made.author)
    made = campaigns.submit(made.code, actor=made.author, now=now)
    return campaigns.approve(
        made.code, content_hash=made.content_hash, actor=make.user("approver"), now=now
    )


@pytest.mark.parametrize("fold,hour", [(0, 0), (1, 1)])
def test_a_sale_extended_into_the_hour_shown_twice_still_says_when_it_ends(
    fold: int, hour: int
) -> None:
    sale = berlin(FOLD)
    twice = datetime.fromisoformat("2026-10-25T02:30")
    campaigns.extend(
        sale.code, closes_local=twice, fold=fold, actor=make.user("operator"),
        now=FOLD - timedelta(hours=5),
    )  # fmt: skip
    kept = Campaign.objects.get(pk=sale.pk)
    assert kept.closes_at == FOLD.replace(hour=hour)
    assert places.openings(kept)[0].window.closes_at == kept.closes_at


def test_a_sale_ended_in_the_second_of_two_equal_hours_says_which() -> None:
    sale = berlin(FOLD)
    campaigns.extend(
        sale.code,
        closes_local=datetime.fromisoformat("2026-10-25T04:00"),
        actor=make.user("operator"),
        now=FOLD - timedelta(hours=5),
    )
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(sale.code, actor=None, now=FOLD - timedelta(hours=4))
    operator = make.user("operator")
    campaigns.end_now(sale.code, reason="Enough", actor=operator, now=FOLD)
    kept = Campaign.objects.get(pk=sale.pk)
    assert (kept.closes_fold, kept.closes_at) == (1, FOLD)
    assert places.openings(kept)[0].window.closes_at == FOLD


def test_an_extension_into_a_freeze_is_refused() -> None:
    campaign = make.armed()
    assert campaign.closes_at
    campaigns.freeze(
        "ERP migration",
        starts_at=campaign.closes_at + timedelta(minutes=30),
        ends_at=campaign.closes_at + timedelta(days=1),
        actor=make.user("operator"),
        now=NOW,
    )
    later = campaign.closes_local + timedelta(hours=1)
    with pytest.raises(NotAllowedYet, match="into a freeze: ERP migration"):
        campaigns.extend(
            campaign.code, closes_local=later, actor=make.user("operator"), now=NOW
        )


def test_an_end_moved_within_the_hour_shown_twice_leaves_the_start_alone() -> None:
    twice = datetime.fromisoformat("2026-10-25T02:15")
    sale = make.campaign(
        zone="Europe/Berlin", opens_local=twice, fold=0,
        closes_local=twice + timedelta(minutes=30),
    )  # fmt: skip
    assert sale.opens_at == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    now = FOLD - timedelta(hours=5)
    sale = campaigns.submit(sale.code, actor=sale.author, now=now)
    campaigns.approve(
        sale.code, content_hash=sale.content_hash, actor=make.user("approver"), now=now
    )
    campaigns.extend(
        sale.code, closes_local=twice, fold=1, actor=make.user("operator"), now=now
    )
    kept = Campaign.objects.get(pk=sale.pk)
    window = places.openings(kept)[0].window
    assert (window.opens_at, window.closes_at) == (kept.opens_at, kept.closes_at)
    assert kept.closes_at - kept.opens_at == timedelta(hours=1)
