"""How many people approve a plan: the rule, its table, and the page of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import RiskTable
from console.campaigns.queries import approvals
from console.campaigns.rules import (
    BadTable,
    Facts,
    ReasonMissing,
    StaleEdit,
    Table,
    approvers_needed,
    check_table,
)
from console.errors import Refusal
from tests import make
from tests.make import NOW

SMALL = Facts(depth=Decimal("0.30"), gmv=Decimal(1000), skus=3)


@pytest.mark.parametrize(
    ("facts", "needed"),
    [
        (SMALL, 1),
        (replace(SMALL, depth=Decimal("0.50")), 1),
        (replace(SMALL, depth=Decimal("0.501")), 2),
        (replace(SMALL, depth=Decimal("0.76")), 3),
        (replace(SMALL, gmv=Decimal(1_000_001)), 2),
        (replace(SMALL, gmv=Decimal(5_000_001)), 3),
        (replace(SMALL, skus=1001), 2),
        (replace(SMALL, confirmed=True), 2),
        (replace(SMALL, override=True), 2),
        (replace(SMALL, override=True, confirmed=True), 3),
        (replace(SMALL, override=True, depth=Decimal("0.9")), 3),
    ],
)
def test_more_people_approve_what_risks_more(facts: Facts, needed: int) -> None:
    count, reasons = approvers_needed(facts, Table())
    assert count == needed
    assert bool(reasons) == (needed > 1)


def test_each_reason_says_how_many_approvers_it_asks_for() -> None:
    facts = replace(SMALL, depth=Decimal("0.517"), override=True)
    assert approvers_needed(facts, Table()) == (
        3,
        (
            "a line is 51.7% off, above 50% (2 approvers)",
            "an override was asked for (1 approver more)",
        ),
    )


def test_a_table_gives_the_guards_its_depths() -> None:
    assert Table(depth_2=None, depth_3=Decimal(40)).deep == ((3, Decimal("0.4")),)


IN_EUROS = Table(currency="EUR", rates="JPY 0.0062, KWD 3")


@pytest.mark.parametrize(
    ("gmv", "currency", "needed"),
    [
        (1_000_000, "EUR", 1),
        (1_000_001, "JPY", 1),
        (161_290_323, "JPY", 2),
        (333_333, "KWD", 1),
        (333_334, "KWD", 2),
        (1_666_667, "KWD", 3),
        (1, "USD", 2),
    ],
)
def test_what_a_plan_may_sell_for_counts_by_its_currency(
    gmv: int, currency: str, needed: int
) -> None:
    facts = replace(SMALL, gmv=Decimal(gmv), currency=currency)
    count, reasons = approvers_needed(facts, IN_EUROS)
    assert count == needed
    if currency == "USD":
        assert reasons == ("no rate says what its USD count for in EUR (2 approvers)",)


def test_without_a_currency_the_limits_hold_in_each() -> None:
    facts = replace(SMALL, gmv=Decimal(1_000_001), currency="JPY")
    assert approvers_needed(facts, Table())[0] == 2
    assert approvers_needed(facts, replace(IN_EUROS, gmv_2=None, gmv_3=None))[0] == 1


@pytest.mark.parametrize(
    ("currency", "rates", "field"),
    [
        ("EUR", "JPY", "rates"),
        ("EUR", "JPY 0", "rates"),
        ("EUR", "JPY -1", "rates"),
        ("EUR", "JPY 1, JPY 2", "rates"),
        ("EUR", "EUR 2", "rates"),
        ("EUR", "yen 2", "rates"),
        ("", "JPY 1", "currency"),
        ("eu", "", "currency"),
    ],
)
def test_rates_that_cannot_be_are_refused(
    currency: str, rates: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_table(Table(currency=currency, rates=rates))
    assert refused.value.field == field


def test_a_rate_with_a_comma_says_to_write_a_point() -> None:
    with pytest.raises(Refusal, match=r"write 1\.17 with a point"):
        check_table(Table(currency="EUR", rates="GBP 1,17"))


_limits = st.one_of(st.none(), st.integers(0, 120))


@given(
    depth=st.integers(0, 100),
    gmv=st.integers(0, 120),
    skus=st.integers(0, 120),
    flags=st.tuples(st.booleans(), st.booleans()),
    limits=st.tuples(*[_limits] * 6),
    confirmed=st.integers(1, 3),
)
def test_the_count_is_that_of_a_list_of_rules(
    depth: int,
    gmv: int,
    skus: int,
    flags: tuple[bool, bool],
    limits: tuple[int | None, ...],
    confirmed: int,
) -> None:
    """Against a list in which every rule that applies votes."""
    d2, d3, g2, g3, s2, s3 = limits
    table = Table(
        *(None if x is None else Decimal(x) for x in (d2, d3, g2, g3)),
        s2,
        s3,
        confirmed,
    )
    facts = Facts(Decimal(depth) / 100, Decimal(gmv), skus, *flags)
    votes = [1]
    for value, two, three in ((depth, d2, d3), (gmv, g2, g3), (skus, s2, s3)):
        votes += [2] if two is not None and value > two else []
        votes += [3] if three is not None and value > three else []
    votes += [confirmed] if flags[0] else []
    expected = min(3, max(votes) + flags[1])
    assert approvers_needed(facts, table)[0] == expected


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"depth_2": Decimal(60), "depth_3": Decimal(50)}, "depth_3"),
        ({"skus_2": -1}, "skus_2"),
        ({"confirmed": 4}, "confirmed"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadTable) as refused:
        check_table(replace(Table(), **wrong))  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.django_db
def test_the_facts_of_a_plan_are_read_from_its_lines() -> None:
    one = make.campaign(lines=3)
    found = approvals.facts(one)
    assert (round(found.depth, 6), found.gmv, found.skus) == (
        Decimal("0.3"), 3 * 10 * Decimal(70), 3,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_saved_table_follows_the_one_before_and_says_why() -> None:
    boss = make.user("approver")
    told = {"version": 1, "actor": boss, "now": NOW}
    campaigns.save_table(Table(skus_2=5), reason="Small team", **told)
    assert (approvals.table().skus_2, approvals.table().version) == (5, 2)
    said = Entry.objects.latest("pk")
    assert (said.before, said.after) == ({"skus_2": "1000"}, {"skus_2": "5"})
    with pytest.raises(StaleEdit) as refused:
        campaigns.save_table(Table(skus_2=9), reason="No", **told)
    assert refused.value.detail["newer"]["skus_2"] == "5"
    with pytest.raises(ReasonMissing):
        campaigns.save_table(Table(), reason=" ", **(told | {"version": 2}))


@pytest.mark.django_db
def test_the_database_refuses_three_approvers_before_two() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskTable.objects.create(
            version=2, since=NOW, author=make.user(), reason="x", skus_2=9, skus_3=5
        )


@pytest.mark.django_db
def test_the_page_of_the_table_is_read_by_all_and_saved_by_some(client: Client) -> None:
    there, save = reverse("campaigns:risks"), reverse("campaigns:save_risks")
    client.force_login(make.user("viewer"))
    assert "Save as version" not in client.get(there).text
    entered = {
        "depth_2": "40", "depth_3": "", "gmv_2": "", "gmv_3": "", "skus_2": "",
        "skus_3": "", "confirmed": "2", "reason": "Deep is rare", "version": "1",
    }  # fmt: skip
    assert client.post(save, entered).status_code == 403
    client.force_login(make.user("approver"))
    assert "Save as version 2" in client.get(there).text
    assert client.post(save, entered | {"depth_3": "30"}).status_code == 422
    assert client.post(save, entered).status_code == 302
    assert approvals.table() == Table(
        Decimal(40), None, None, None, None, None, 2, version=2
    )
    rates = {"currency": "EUR", "rates": "JPY 0.0062", "version": "2"}
    wrong = client.post(save, entered | rates | {"rates": "JPY"})
    assert "“JPY” is no rate" in wrong.text
    assert client.post(save, entered | rates).status_code == 302
    assert approvals.table().rates == "JPY 0.0062"
