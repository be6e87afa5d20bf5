"""Packs of law: the same line under each of them, with the rule that is cited."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from console.prices import rules
from console.prices.rules.packs import (
    Facts,
    Judgement,
    Outcome,
    Strictness,
    UnknownPack,
    judge,
    pack,
    packs,
    reached,
    share,
)
from tests.prices.test_claims import FEW, HALF, run
from tests.prices.test_rules import (
    FLASH,
    PROGRESSIVE,
    RAISED,
    TWICE,
    ZONE,
    at,
    history,
)

STEADY = history(("01-01", 100))
FIRST = date(2000, 1, 1)


def facts(
    points: list[rules.Point] = STEADY,
    when: str = "11-27",
    sale: int = 60,
    **more: Any,
) -> Facts:
    return Facts("X", D(sale), "EUR", at(when), ZONE, points, **more)


def judged(name: str, *options: str, **more: Any) -> Judgement:
    return judge(pack(name).with_options(*options), facts(**more))


def percent(judgement: Judgement) -> int | None:
    return judgement.claim.percent if judgement.claim else None


def outcomes(judgement: Judgement) -> dict[str, Outcome]:
    return {one.rule.check: one.outcome for one in judgement.rulings}


def test_the_same_line_gets_another_verdict_from_each_pack() -> None:
    steps: dict[str, Any] = {"points": PROGRESSIVE, "when": "11-11", "sale": 50}
    found = {one.id: judged(one.id, **steps) for one in packs()}
    assert {name: percent(one) for name, one in found.items()} == {
        "eu": 28,
        "eu-fi": 50,
        "uk": None,
        "us": None,
    }
    for name, one in found.items():
        cited = one.rulings[0].rule
        assert cited.id.startswith(f"{name}.") and cited.text and cited.source


def test_advice_never_passes_or_blocks() -> None:
    for name in ("uk", "us"):
        assert {rule.strictness for rule in pack(name).rules} == {Strictness.ADVISORY}
        for line in (facts(), facts(RAISED, "11-01", 100, countdown=True)):
            found = judge(pack(name), line)
            assert {one.outcome for one in found.rulings} == {Outcome.ADVICE}
            assert not found.blocked


def test_a_flash_sale_leaves_nothing_to_announce() -> None:
    assert percent(judged("eu", points=FLASH, sale=69)) == 12
    none = judged("eu", points=FLASH, sale=79)
    assert none.blocked
    assert outcomes(none) == {"prior_price": Outcome.BLOCK}
    assert judged("eu", points=[]).blocked


@pytest.mark.parametrize("what", ["personal", "conditional", "unannounced"])
def test_what_is_outside_is_not_measured(what: str) -> None:
    said = {"announced": False} if what == "unannounced" else {what: True}
    found = judged("eu", points=FLASH, sale=79, **said)
    (ruling,) = found.rulings
    assert (found.claim, found.blocked, ruling.outcome) == (None, False, Outcome.EXEMPT)
    assert ruling.disclose is (what != "unannounced")


@pytest.mark.parametrize("version", [1, 2])
def test_a_price_for_members_is_measured_and_told_by_every_version(
    version: int,
) -> None:
    for name in ("eu", "eu-fi"):
        law = pack(name, version=version)
        found = judge(law, facts(FLASH, sale=69, members=True))
        assert percent(found) == 12
        (told,) = [one for one in found.rulings if one.disclose]
        assert (told.rule.check, told.outcome) == ("scope", Outcome.PASS)
        assert judge(law, facts(FLASH, sale=79, members=True)).blocked


def test_perishables_are_measured_from_the_last_price_where_adopted() -> None:
    line: dict[str, Any] = {"points": FLASH, "sale": 69, "perishable": True}
    assert percent(judged("eu", **line)) == 12
    adopted = judged("eu", "perishable", **line)
    assert percent(adopted) == 31
    assert outcomes(adopted)["perishable"] is Outcome.OPTION


@pytest.mark.parametrize("days,option,claim", [
    (10, True, 40),
    (10, False, 0),
    (6, True, 0),
    (31, False, 40),
])  # fmt: skip
def test_new_arrivals_have_a_shorter_window_where_adopted(
    days: int, option: bool, claim: int
) -> None:
    since = at("11-27") - timedelta(days=days)
    points = [rules.Point(since, D(100))]
    options = ["new_arrival"] if option else []
    found = judged("eu", *options, points=points, on_market_since=since)
    assert percent(found) == claim
    assert found.blocked is (claim == 0)


def test_a_break_of_more_than_seven_days_ends_a_progressive_reduction() -> None:
    assert percent(judged("eu", "progressive", points=TWICE)) == 14
    soon: dict[str, Any] = {"points": TWICE, "when": "11-19"}
    assert percent(judged("eu", "progressive", **soon)) == 40
    assert percent(judged("eu", **soon)) == 14


def test_a_step_that_goes_up_again_is_not_progressive() -> None:
    up: dict[str, Any] = {"points": PROGRESSIVE, "when": "11-14", "sale": 65}
    assert percent(judged("eu", "progressive", **up)) == 0


@pytest.mark.parametrize("when,claim", [("12-31", 50), ("01-01", 28)])
def test_in_finland_a_campaign_is_progressive_for_sixty_days(
    when: str, claim: int
) -> None:
    points = history(("01-01", 100), ("11-01", 80), ("11-20", 70))
    start = at(when).replace(year=2026 if when == "12-31" else 2027)
    line = Facts("X", D(50), "EUR", start, ZONE, points)
    assert percent(judge(pack("eu-fi"), line)) == claim
    assert percent(judge(pack("eu").with_options("progressive"), line)) == 50


def test_advice_comes_with_its_evidence() -> None:
    everything = run("ALL", "11-09", "11-12", {"X": 50, "Y": 50})
    line = facts(
        RAISED,
        "11-01",
        countdown=True,
        end_moved=True,
        up_to=rules.up_to(FEW, 50),
        run=HALF,
        others=[everything],
    )
    uk = {one.rule.check: one for one in judge(pack("uk"), line).rulings}
    assert uk["countdown"].evidence == {"end_moved": True}
    assert uk["follow_on"].evidence == {"follow_ons": ["ALL"]}
    assert uk["up_to"].evidence == {"reach": 1, "of": 25, "enough": False}
    assert uk["regular_time"].evidence == {"on_sale": "0"}
    us = {one.rule.check: one for one in judge(pack("us"), line).rulings}
    assert "raised from €90.00 to €100.00" in us["raised"].said


@pytest.mark.parametrize("points,said", [
    ([], "No price is known in the 90 days before."),
    (history(("11-01", 100)), "on sale 0% of the known time"),
    (STEADY, "on sale 0% of the time"),
])  # fmt: skip
def test_unknown_is_not_zero(points: list[rules.Point], said: str) -> None:
    us = {one.rule.check: one.said for one in judge(pack("us"), facts(points)).rulings}
    assert said in us["regular_time"]
    assert ("not known for all" in us["raised"]) is (points is not STEADY)


def test_every_version_of_a_pack_says_where_it_comes_from() -> None:
    keys = [(one.id, one.version) for one in packs()]
    assert len(set(keys)) == len(keys)
    for one in packs():
        assert re.fullmatch(r"[0-9a-f]{64}", one.hash)
        assert one.checked_on >= one.valid_from
        assert all(rule.source and rule.text for rule in one.rules)
        assert len({rule.id for rule in one.rules}) == len(one.rules)


def test_a_pack_is_found_by_version_and_day() -> None:
    assert str(pack("eu", version=1, on=date(2026, 11, 27))) == "eu v1"
    for name in ("eu", "eu-fi"):
        assert pack(name, on=date(2026, 11, 26)).version == 1
        assert pack(name, on=date(2026, 11, 27)).version == 2
    for wrong in ({"version": 9}, {"on": FIRST}):
        with pytest.raises(UnknownPack):
            pack("eu", **wrong)
    with pytest.raises(UnknownPack):
        pack("eu").with_options("anything")


def test_each_pack_has_its_own_share_that_must_reach_an_up_to() -> None:
    """4% of the items is too few for the guidance, and enough for another share."""
    uk = pack("uk")
    rule = uk.rule("up_to")
    assert rule
    less = replace(uk, rules=[replace(rule, parameters={"share_percent": 4})])
    lines = {sku: judge(uk, facts()) for sku in FEW}
    assert (share(uk), share(less), share(pack("eu"))) == (
        D("0.1"),
        D("0.04"),
        D("0.1"),
    )
    assert not reached(uk, 50, lines, FEW).enough
    assert reached(less, 50, lines, FEW).enough


def test_an_up_to_counts_what_the_pack_itself_lets_a_line_claim() -> None:
    steps: dict[str, Any] = {"points": PROGRESSIVE, "when": "11-11", "sale": 50}
    for name, enough in (("eu", False), ("eu-fi", True)):
        lines = {"X": judged(name, **steps)}
        assert reached(pack(name), 50, lines, {"X": 99}).enough is enough
