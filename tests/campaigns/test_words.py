"""What pages say: names before codes, per cent, minutes, and words on buttons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns.models import Campaign
from console.campaigns.queries.readiness import verdict
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.mark.parametrize("state,said", [("draft", True), ("aborted", False)])
def test_only_a_plan_that_may_still_open_hears_that_its_start_is_past(
    state: str, said: bool
) -> None:
    plan = make.campaign()
    Campaign.objects.filter(pk=plan.pk).update(state=state)
    plan.refresh_from_db()
    found = verdict(plan, now=plan.opens_at + timedelta(days=1)).blockers
    assert any("in the past" in check.text for check in found) is said
