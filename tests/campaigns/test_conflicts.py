"""Two campaigns that want one price: found, settled, and refused by the database."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Line, PriceOwner
from console.campaigns.operations import decisions, owners
from console.campaigns.queries import conflicts, readiness
from console.campaigns.rules import (
    NotAllowedYet,
    PriceOwned,
    State,
)
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW
from tests.racing import in_parallel

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sharing(one: Campaign, **terms: Any) -> Campaign:
    """Another draft of a second audience with the same SKUs, at the same time."""
    other = make.campaign(lines=0, **terms)
    for line in one.lines.all():
        line.pk, line.campaign = None, other
        line.save(force_insert=True)
    return other


def submitted(one: Campaign) -> Campaign:
    return campaigns.submit(one.code, actor=one.author, now=NOW)


def approve(one: Campaign, by: Any = None) -> Campaign:
    return campaigns.approve(
        one.code,
        content_hash=one.content_hash,
        actor=by or make.user("approver"),
        now=NOW,
    )


@pytest.mark.django_db
def test_another_draft_is_a_warning_and_an_approved_one_a_blocker() -> None:
    one = make.campaign(lines=2)
    other = sharing(one)
    (found,) = conflicts.of(one)
    assert (found.code, found.count, found.owns) == (other.code, 2, False)
    assert "wants to set the price of 2 SKUs" in found.said
    make_armed(other)
    (found,) = conflicts.of(one)
    assert found.owns
    blockers = [check.text for check in readiness.verdict(one, now=NOW).blockers]
    assert found.said in blockers


def make_armed(one: Campaign) -> Campaign:
    return approve(submitted(one))


@pytest.mark.django_db
def test_sales_that_only_touch_are_no_conflict() -> None:
    one = make.campaign(hours=2)
    after = one.closes_at
    assert after
    sharing(one, opens_at=after)
    assert conflicts.of(one) == []
    assert conflicts.of(sharing(one, opens_at=after - timedelta(seconds=1)))


@pytest.mark.django_db
def test_other_markets_and_channels_are_no_conflict() -> None:
    market("DE"), market("FR"), market("US", currency="USD")
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    one = make.campaign(markets=["DE"])
    sharing(one, markets=["FR"])
    sharing(one, channels=["app"])
    sharing(one, currency="USD")
    assert conflicts.of(one) == []
    everywhere = sharing(one, channels=["web", "app"])
    (found,) = conflicts.of(one)
    assert (found.code, found.where) == (everywhere.code, " (web in DE)")


@pytest.mark.django_db
def test_conflicts_equal_brute_force_on_thousands_of_random_campaigns() -> None:
    chance = random.Random(5)
    for code in ("DE", "FR", "IT"):
        market(code)
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    skus = [make.sku() for _ in range(40)]
    rows = _random_campaigns(chance, skus, 5_000)
    for code in chance.sample(sorted(rows), 300):
        one = Campaign.objects.get(code=code)
        found = {(c.code, c.count) for c in conflicts.of(one)}
        assert found == _brute(code, rows)


Row = tuple[State, int, int, frozenset[tuple[str, str]], frozenset[int]]


def _random_campaigns(
    chance: random.Random, skus: list[Sku], count: int
) -> dict[str, Row]:
    """Campaigns of every state over three years, with what brute force needs."""
    model = make.campaign(lines=0)
    rows, made, lines = {}, [], []
    for n in range(count):
        start, length = chance.randrange(26_000), chance.randrange(1, 72)
        markets = sorted(chance.sample(["DE", "FR", "IT"], chance.randrange(3)))
        channels = chance.choice([["web"], ["app"], ["app", "web"]])
        chosen = chance.sample(skus, chance.randrange(1, 4))
        state = chance.choice(list(State))
        code = f"R-{n}"
        spots = frozenset(product(channels, markets or ["DE", "FR", "IT"]))
        rows[code] = (state, start, start + length, spots, frozenset(s.pk for s in chosen))  # fmt: skip  # noqa: E501
        made.append(
            Campaign(
                code=code,
                name=code,
                state=state,
                audience=model.audience,
                owner=model.owner,
                author=model.author,
                zone="UTC",
                markets=markets,
                channels=channels,
                opens_at=NOW + start * HOUR,
                closes_at=NOW + (start + length) * HOUR,
                created_at=NOW,
                updated_at=NOW,
            )
        )
        lines += [(code, sku) for sku in chosen]
    keys = {one.code: one.pk for one in Campaign.objects.bulk_create(made)}
    Line.objects.bulk_create(
        Line(campaign_id=keys[code], sku=sku, regular_price=2, sale_price=1, units=1)
        for code, sku in lines
    )
    return rows


def _brute(code: str, rows: dict[str, Row]) -> set[tuple[str, int]]:
    _, opens, closes, spots, skus = rows[code]
    wants = {*conflicts.OPEN, *conflicts.OWNS}
    return {
        (name, len(skus & theirs))
        for name, (state, a, b, there, theirs) in rows.items()
        if name != code
        and state in wants
        and a < closes
        and b > opens
        and spots & there
        and skus & theirs
    }


@pytest.mark.django_db
def test_the_database_refuses_two_owners_of_one_price() -> None:
    owner = PriceOwner.objects.get(campaign=make_armed(make.campaign()))
    with pytest.raises(IntegrityError, match="price_has_one_owner"):
        _own_as_well(owner.pk)


def _own_as_well(pk: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_priceowner (campaign_id, sku_id, places, during)"
            " select campaign_id, sku_id, places, during from campaigns_priceowner"
            " where id = %s",
            [pk],
        )


@pytest.mark.django_db
def test_owning_ends_when_the_sale_is_taken_back_aborted_or_over() -> None:
    one = make_armed(make.campaign())
    assert one.owned.count() == 1
    campaigns.withdraw(one.code, actor=one.author, now=NOW)
    assert one.owned.count() == 0
    other = make_armed(make.campaign())
    campaigns.abort(other.code, reason="No", actor=make.user("operator"), now=NOW)
    assert other.owned.count() == 0


@pytest.mark.django_db
def test_an_extension_owns_its_longer_time_or_is_refused() -> None:
    one = make.campaign(hours=2)
    behind = sharing(one, opens_at=one.closes_at and one.closes_at + HOUR)
    one, behind = make_armed(one), make_armed(behind)
    assert one.closes_local
    operator = make.user("operator")
    kept = one.closes_local + HOUR / 2
    campaigns.extend(one.code, closes_local=kept, actor=operator, now=NOW)
    with pytest.raises(PriceOwned, match=behind.code):
        campaigns.extend(one.code, closes_local=kept + HOUR, actor=operator, now=NOW)
    one.refresh_from_db()
    assert one.closes_local == kept


def _race(plans: list[Campaign]) -> list[Any]:
    people = [make.user("approver") for _ in plans]
    return in_parallel(2, lambda n: approve(plans[n], people[n]))


def _rivals() -> list[Campaign]:
    one = make.campaign()
    return [submitted(one), submitted(sharing(one))]


@pytest.mark.django_db(transaction=True)
def test_of_two_rival_approvals_of_one_price_exactly_one_wins() -> None:
    for _ in range(3):
        told = _race(_rivals())
        lost = [type(one) for one in told if isinstance(one, Exception)]
        assert len(lost) == 1
        assert lost[0] in (PriceOwned, NotAllowedYet)


@pytest.mark.django_db(transaction=True)
def test_control_without_owners_both_are_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decisions, "own", lambda _campaign: None)
    monkeypatch.setattr(decisions, "check_verdict", lambda *_, **__: None)
    assert all(isinstance(one, Campaign) for one in _race(_rivals()))


@pytest.mark.django_db(transaction=True)
def test_the_constraint_alone_lets_one_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any look beforehand, the database still refuses the second."""
    monkeypatch.setattr(decisions, "check_verdict", lambda *_, **__: None)
    told = _race(_rivals())
    assert [type(one) for one in told if isinstance(one, Exception)] == [PriceOwned]


@pytest.mark.django_db
def test_own_follows_the_lines_of_a_plan() -> None:
    one = make_armed(make.campaign(lines=3))
    one.lines.first().delete()  # type: ignore[union-attr]
    owners.own(one)
    assert one.owned.count() == 2
