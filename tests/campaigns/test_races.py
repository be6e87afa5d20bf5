"""Two at once: what must happen once happens once, and would not without the lock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms, decisions
from console.campaigns.rules import NotAllowedYet, StaleEdit, State
from console.stock.models import Allocation
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def rivals() -> list[Campaign]:
    """Two plans for one audience that may have only one sale in a week."""
    people = make.audience(min_gap_days=7)
    return [
        make.submitted(of=people, opens_at=NOW + timedelta(hours=4 + 24 * n))
        for n in range(2)
    ]


def approve_both(plans: list[Campaign]) -> list[Any]:
    approvers = [make.user("approver") for _ in plans]
    return in_parallel(
        2,
        lambda n: campaigns.approve(
            plans[n].code,
            content_hash=plans[n].content_hash,
            actor=approvers[n],
            now=NOW,
        ),
    )


def test_of_two_rival_approvals_exactly_one_wins() -> None:
    for _ in range(3):
        plans = rivals()
        told = approve_both(plans)
        lost = [one for one in told if isinstance(one, Exception)]
        assert [type(one) for one in lost] == [NotAllowedYet]
        states = {Campaign.objects.get(pk=plan.pk).state for plan in plans}
        assert states == {State.ARMED, State.IN_REVIEW}
        codes = [plan.code for plan in plans]
        assert Allocation.objects.filter(campaign__in=codes).count() == 1


def test_control_without_the_policy_lock_both_win(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the lock on what they tire, rivals do not see each other."""

    monkeypatch.setattr(decisions.fatigue, "lock", lambda _scopes: None)
    monkeypatch.setattr(decisions, "check_verdict", _slowly(decisions.check_verdict))
    assert all(isinstance(one, Campaign) for one in approve_both(rivals()))


def _slowly(check: Any) -> Any:
    """Judge, then wait: the other judges meanwhile."""
    from time import sleep

    def slow(*args: Any, **named: Any) -> None:
        check(*args, **named)
        sleep(0.5)

    return slow


def test_one_plan_is_approved_once_by_two_approvers() -> None:
    plan = make.submitted()
    told = approve_both([plan, plan])
    assert sum(isinstance(one, Campaign) for one in told) == 1
    assert Campaign.objects.get().round == 1


def test_of_two_edits_of_one_cell_one_is_told_to_look_again() -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    told = in_parallel(
        2,
        lambda n: campaigns.edit_line(
            line.pk,
            values=LineTerms(units=20 + n),
            version=1,
            actor=campaign.author,
            now=NOW,
        ),
    )
    assert [type(one) for one in told if isinstance(one, Exception)] == [StaleEdit]


def test_drafts_begun_at_once_have_codes_of_their_own() -> None:
    people, author = make.audience(), make.user("merchandiser")
    told = in_parallel(4, lambda _: make.campaign(of=people, author=author, lines=0))
    assert len({one.code for one in told}) == 4
