"""A tired audience makes a new sale heavier; what is approved stays as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Footprint
from console.campaigns.queries import readiness
from console.campaigns.queries.sales import sales_of
from console.fatigue.models import Audience
from console.fatigue.rules import Kind, Measured, Scope
from console.fatigue.saturating import Told, measure
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def tired(people: Audience) -> None:
    rows = [
        Told(people.pk, Measured(NOW.date() - n * DAY, 0.0205 if n < 7 else 0.01))
        for n in range(60)
    ]
    measure(rows, source="rates.csv", actor=None, now=NOW)


def score(verdict: readiness.Verdict) -> tuple[int, str]:
    section = next(s for s in verdict.sections if s.key == "fatigue")
    said = next(c.text for c in section.checks if "core" in c.text)
    return section.figures["score"], said


def test_the_score_of_a_new_sale_grows_by_the_factor_and_says_why() -> None:
    people = make.audience("Members")
    one = make.campaign(of=people, opens_at=NOW + 2 * DAY, hours=24)
    before, said = score(readiness.verdict(one, now=NOW))
    assert (before, "\u00d7" in said) == (40, False)
    tired(people)
    after, said = score(readiness.verdict(one, now=NOW))
    assert after == 53
    assert "\u00d7 1.3: unsubscribes doubled since" in said
    assert f"measured {NOW.day} {NOW:%b}" in said


def test_another_audience_weighs_as_before() -> None:
    tired(make.audience("Members"))
    one = make.campaign(of=make.audience("Others"), opens_at=NOW + 2 * DAY, hours=24)
    assert score(readiness.verdict(one, now=NOW))[0] == 40


def test_what_was_approved_before_keeps_its_load_and_its_verdict() -> None:
    people = make.audience("Members")
    one = make.armed(of=people, opens_at=NOW + 2 * DAY, hours=24)
    kept = Approval.objects.get(campaign=one).verdict
    tired(people)
    assert Footprint.objects.get(campaign=one).strain == 1
    assert Approval.objects.get(campaign=one).verdict == kept


def test_what_is_approved_now_keeps_the_load_it_was_judged_by() -> None:
    people = make.audience("Members")
    tired(people)
    one = make.campaign(of=people, opens_at=NOW + 2 * DAY, hours=24)
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    campaigns.approve(
        sent.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )
    assert Footprint.objects.get(campaign=one).strain == pytest.approx(2**0.4)
    [sale] = sales_of(Scope(Kind.AUDIENCE, people.slug))
    assert sale.reach == pytest.approx(2**0.4)
