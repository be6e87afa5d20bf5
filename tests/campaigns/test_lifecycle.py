"""Running a campaign: its whole life, aborting, and an opening that never came."""

from __future__ import annotations

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.rules import (
    State,
    WrongState,
)
from console.runbook.models import Step
from console.stock import queries as stock
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


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
        "stock.drop_fence",
        "orders.drain",
    }
    with pytest.raises(WrongState):
        campaigns.resume(code, actor=make.user("operator"), now=NOW)


def _aborted_after_pricing(**wanted: str) -> Step:
    """The step of the prices of a sale that was aborted while it ran."""
    make.connection("shop", "sandbox_shop")
    make.connection("cdn", "sandbox_cdn")
    campaign = make.armed()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(campaign.code, actor=None, now=NOW)
    prices = Step.objects.get(plan=campaign.plan, kind="prices.apply")
    Step.objects.filter(pk=prices.pk).update(
        state="verified", seen={}, started_at=NOW, finished_at=NOW,
        wanted=prices.wanted | wanted,
    )  # fmt: skip
    campaigns.abort(
        campaign.code, reason="Recall", actor=make.user("operator"), now=NOW
    )
    return prices


def test_an_abort_looks_for_no_price_that_not_everybody_could_have() -> None:
    _aborted_after_pricing(offer="personal")
    assert Step.objects.filter(key__contains="/abort-purge-1").exists()
    assert not Step.objects.filter(key__contains="/abort-look").exists()


def test_an_abort_looks_through_the_edge_once_the_prices_left_it() -> None:
    prices = _aborted_after_pricing()
    look = Step.objects.get(kind="prices.look_edge", key__contains="/abort-look-1")
    purge = Step.objects.get(key__contains="/abort-purge-1")
    assert (look.wanted["of"], look.after) == (prices.key, [purge.key])
    assert look.policy == "degrade"
