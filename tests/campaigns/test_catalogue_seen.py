"""What plans, the verdict and the drift make of a catalogue that came in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.queries.drift import drift
from tests import make
from tests.campaigns.cataloguekit import PAST, bring
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_cost_that_came_in_is_held_against_the_sale_price() -> None:
    one = make.armed()
    code = one.lines.get().sku.code
    assert campaigns.recheck(one.code, now=NOW).suspended_at is None
    bring("sku,cost", f"{code},69")
    assert "below the floor" in campaigns.recheck(one.code, now=NOW).suspended_why


def test_a_list_price_that_came_in_is_drift_of_what_was_approved() -> None:
    one = make.armed()
    code = one.lines.get().sku.code
    assert not drift(one, now=NOW).prices
    bring("sku,list_price", f"{code},130")
    (moved,) = drift(one, now=NOW).repriced
    assert (moved.sku, moved.approved, moved.now) == (code, 100, 130)


def _checks(one: Campaign, key: str = "claims") -> list[str]:
    sections = readiness.verdict(one, now=NOW).sections
    found = next(section for section in sections if section.key == key)
    return [f"{check.tone} {check.text}" for check in found.checks]


def test_a_price_raised_by_a_sheet_before_the_cut_is_found() -> None:
    one = make.campaign()
    code = one.lines.get().sku.code
    assert not any("raised from" in text for text in _checks(one))
    bring("sku,list_price", f"{code},110", now=NOW - 12 * DAY)
    (found,) = [text for text in _checks(one) if "raised from" in text]
    assert "raised from €100.00 to €110.00 12 days before" in found


def test_a_currency_is_backfilled_by_a_sheet_and_may_then_be_claimed() -> None:
    one = make.campaign(currency="USD")
    code = one.lines.get().sku.code
    assert _checks(one)[0].startswith("warn")
    assert any("Backfill the prices" in text for text in _checks(one, "prices"))
    bring(PAST, f"{code},100,USD,2026-06-01,The shop before")
    assert _checks(one)[0].startswith("ok")
    assert not any("Backfill the prices" in text for text in _checks(one, "prices"))
