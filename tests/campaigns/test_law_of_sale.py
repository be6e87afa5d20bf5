"""Rules of law about a sale as a whole: its advertised end, and offers after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Change
from console.campaigns.queries import readiness
from console.campaigns.queries.evidence import facts
from console.campaigns.rules import Anchor, Medium, Told
from console.prices.rules import Reason
from console.prices.rules.packs import pack
from tests import make
from tests.campaigns.test_claims import priced
from tests.campaigns.test_law import about, rulings
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOVED = "The advertised end was moved after it was shown."
KEPT = "The advertised end has not been moved."


@pytest.fixture(params=["uk.countdown", "us.limited"])
def countdown(request: pytest.FixtureRequest) -> str:
    """The rule of one law on advertised ends, and a market of that law."""
    law = str(request.param)
    market("XX", "GB", pack=law[:2])
    return law


def announced(**terms: Any) -> Campaign:
    """An armed sale of which people are told three hours before it opens."""
    draft = make.campaign(**terms)
    told = Told(Medium.EMAIL, Anchor.START, -180)
    campaigns.announce(draft.code, told, actor=draft.author, now=NOW)
    sent = campaigns.submit(draft.code, actor=draft.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "now": NOW}
    return campaigns.approve(sent.code, actor=make.user("approver"), **seen)


def longer(one: Campaign, at: datetime) -> Campaign:
    return campaigns.extend(
        one.code,
        closes_local=one.closes_local + HOUR,
        actor=make.user("operator"),
        now=at,
        countdown=True,
    )


def end_of(one: Campaign, rule: str) -> tuple[str, str]:
    """Tone and sentence of the verdict on its advertised end."""
    (found,) = about(one, rule)
    cited = pack(rule[:2]).rule("countdown")
    assert cited and found.cites == cited.text
    return found.tone, found.text.split(": ")[1]


def evidence_of(one: Campaign, rule: str) -> str:
    found = next(ruling for ruling in rulings(one) if ruling["rule"] == rule)
    return str(found["said"])


def test_an_end_that_was_moved_after_people_were_told_is_named(countdown: str) -> None:
    one = announced()
    assert end_of(one, countdown) == ("ok", KEPT)
    assert evidence_of(one, countdown) == KEPT
    after = longer(one, NOW + 2 * HOUR)
    assert end_of(after, countdown) == ("warn", MOVED)
    assert evidence_of(after, countdown) == MOVED


def test_an_end_that_was_moved_before_anybody_was_told_is_not(countdown: str) -> None:
    one = longer(announced(), NOW)
    assert end_of(one, countdown) == ("ok", KEPT)
    assert evidence_of(one, countdown) == KEPT


def test_an_open_shop_counts_down_to_the_end(countdown: str) -> None:
    one = make.armed()
    assert not about(one, countdown)
    assert not facts(one.code).countdown
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(one.code, actor=None, now=one.opens_at)
    one.refresh_from_db()
    assert end_of(one, countdown) == ("ok", KEPT)
    assert end_of(longer(one, one.opens_at), countdown) == ("warn", MOVED)


def told_before_the_end(opens_at: datetime, hours: int) -> Campaign:
    """An armed sale of so many hours; people are told two hours before it ends."""
    draft = make.campaign(opens_at=opens_at, hours=hours)
    told = Told(Medium.EMAIL, Anchor.END, -120)
    campaigns.announce(draft.code, told, actor=draft.author, now=NOW)
    sent = campaigns.submit(draft.code, actor=draft.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "now": NOW}
    return campaigns.approve(sent.code, actor=make.user("approver"), **seen)


def to(one: Campaign, hours: int, at: datetime, way: str) -> Campaign:
    """The end moved by so many hours, by an act or by an amendment."""
    local = one.closes_local + hours * HOUR
    if way == "extend":
        by: dict[str, Any] = {"actor": make.user("operator"), "now": at}
        return campaigns.extend(one.code, closes_local=local, countdown=True, **by)
    change = Change((), closes_local=local, countdown=True)
    made = campaigns.propose(one.code, change, actor=one.author, now=at)
    seen = {"content_hash": made.content_hash, "now": at}
    campaigns.approve_amendment(made.pk, actor=make.user("approver"), **seen)
    one.refresh_from_db()
    return one


@pytest.mark.parametrize("way", ["extend", "amend"])
def test_an_end_people_were_told_of_by_itself_is_moved_if_it_was_told_by_then(
    countdown: str, way: str
) -> None:
    """Told at 18:00 that it ends at 20:00; at 19:00 it moves to 23:00."""
    opens_at = NOW + 5 * HOUR
    one = told_before_the_end(opens_at, 1)
    after = to(one, 3, opens_at - HOUR / 2, way)
    assert end_of(after, countdown) == ("warn", MOVED)
    assert evidence_of(after, countdown) == MOVED


@pytest.mark.parametrize("way", ["extend", "amend"])
def test_an_end_moved_forward_before_it_was_told_is_not_moved(
    countdown: str, way: str
) -> None:
    """It ends at 23:00, which would be told at 21:00; at 19:00 it moves to 20:00."""
    opens_at = NOW + 5 * HOUR
    one = told_before_the_end(opens_at, 4)
    after = to(one, -3, opens_at - HOUR / 2, way)
    assert end_of(after, countdown) == ("ok", KEPT)
    assert evidence_of(after, countdown) == KEPT


def test_what_was_moved_before_the_old_end_was_noted_is_read_from_its_amendment(
    countdown: str,
) -> None:
    opens_at = NOW + 5 * HOUR
    one = to(told_before_the_end(opens_at, 1), 3, opens_at - HOUR / 2, "amend")
    one.approvals.filter(kind="amend").update(verdict={"warnings": []})
    assert end_of(one, countdown) == ("warn", MOVED)


def followed(days: int, *, sale_price: int = 70) -> tuple[Campaign, Campaign]:
    """A plan of three products, and an approved sale of them after it."""
    one = make.campaign(lines=3)
    later = make.campaign(lines=0, opens_at=NOW + days * DAY)
    for line in one.lines.all():
        line.pk, line.campaign, line.sale_price = None, later, sale_price
        line.save(force_insert=True)
    campaigns.submit(later.code, actor=later.author, now=NOW)
    return one, later


def test_an_offer_that_follows_on_is_named_by_the_rule_of_the_market() -> None:
    market("UK", "GB", pack="uk")
    one, later = followed(5)
    (found,) = about(one, "uk.follow_on")
    assert found.tone == "warn"
    assert found.text.startswith(
        f"United Kingdom, uk.follow_on: {later.name} offers as much off 3 of the same"
    )
    assert found.cites == pack("uk").rule("follow_on").text
    assert len(about(one, "as much off 3 of the same SKUs")) == 1
    said = next(r for r in rulings(one) if r["rule"] == "uk.follow_on")
    assert said["evidence"] == {"follow_ons": [later.code]}


@pytest.mark.parametrize("days,sale_price", [(20, 70), (5, 90)])
def test_an_offer_much_later_or_less_deep_does_not(days: int, sale_price: int) -> None:
    market("UK", "GB", pack="uk")
    one, _ = followed(days, sale_price=sale_price)
    (found,) = about(one, "uk.follow_on")
    assert (found.tone, found.text.split(": ")[1]) == (
        "ok",
        "No comparable offer is planned within 14 days.",
    )


def test_the_same_plan_gets_another_verdict_from_each_law_that_cites_its_rule() -> None:
    """Raised from 100 to 150, then on sale for 80, and now for 79.50."""
    steps = (40, "150", Reason.REGULAR), (20, "80", Reason.SALE)
    found = {}
    for law in ("eu", "eu-fi", "uk", "us"):
        market("XX", "GB", pack=law)
        one = make.campaign()
        priced(one, *steps)
        one.lines.update(regular_price=150, sale_price="79.50")
        cited = [check for check in about(one, "") if check.cites]
        found[law] = {check.text.split(": ")[0]: check.tone for check in cited}
        assert {check.cites for check in cited} <= {r.text for r in pack(law).rules}
    assert found == {
        "eu": {"European Union": "warn"},
        "eu-fi": {"Finland": "ok", "Finland, eu-fi.progressive": "ok"},
        "uk": {"United Kingdom, uk.follow_on": "ok"},
        "us": {"United States, us.inflated": "warn"},
    }


@pytest.mark.parametrize("lines", [1, 4])
def test_a_verdict_on_more_products_asks_no_more(
    lines: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market("UK", "GB", pack="uk")
    market("DE")
    one = announced(up_to_percent=30, lines=lines)
    readiness.verdict(one, now=NOW)
    with django_assert_num_queries(25):
        readiness.verdict(one, now=NOW)
