"""Evidence from the database: packed, shown, downloaded, and its seal in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.prices import evidence, operations, pages
from console.prices.operations import Note
from console.prices.rules import Reason
from console.prices.rules.evidence import LineFacts, SaleFacts, check
from tests import make
from tests.prices.test_evidence import sale
from tests.prices.test_rules import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known() -> Iterator[dict[str, SaleFacts]]:
    """Sales whose facts the room above would tell, by code."""
    sales: dict[str, SaleFacts] = {}
    evidence.told_by(sales.get)
    yield sales
    evidence._sources.remove(sales.get)


def _sell(known: dict[str, SaleFacts], count: int = 1) -> SaleFacts:
    codes = [f"LAMP-{n}" for n in range(count)]
    for code in codes:
        operations.note_all(
            [
                Note(code, D(100), at("01-01"), net=D("84.03")),
                Note(code, D(79), at("11-02"), Reason.SALE, campaign="FS-0"),
                Note(code, D(100), at("11-04"), Reason.REVERT, campaign="FS-0"),
                Note(code, D("49.90"), at("11-27"), Reason.SALE, campaign="FS-1"),
            ]
        )
    lines = [LineFacts(code, code, D(100), D("49.90")) for code in codes]
    known["FS-1"] = sale(lines=lines)
    return known["FS-1"]


def _as(client: Client, *roles: str) -> Client:
    client.force_login(make.user(*roles))
    return client


@pytest.mark.parametrize("lines", [1, 3])
def test_evidence_is_packed_in_one_query_and_holds(
    known: dict[str, SaleFacts],
    lines: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    facts = _sell(known, lines)
    with django_assert_num_queries(1):
        sealed = evidence.pack(facts)
    report = check(sealed.text.encode())
    assert (report.void, report.seal) == ([], sealed.seal)
    line = sealed.parts["line LAMP-0"]
    assert (line["prior"], line["claim"]) == ("79", 36)
    assert line["history"][0]["net"] == "84.03"
    assert len(line["history"]) == 3


def test_the_net_price_of_the_low_is_sealed_where_its_row_has_one(
    client: Client, known: dict[str, SaleFacts]
) -> None:
    """Files without it, from before or with an unknown one, hold as they are."""
    facts = _sell(known)
    assert "prior_net" not in evidence.pack(facts).parts["line LAMP-0"]
    operations.note_all([Note("LAMP-0", D(70), at("11-06"), net=D("58.82"))])
    sealed = evidence.pack(facts)
    line = sealed.parts["line LAMP-0"]
    assert (line["prior"], line["prior_net"]) == ("70", "58.82")
    assert check(sealed.text.encode()).holds
    forged = sealed.text.replace('"prior_net":"58.82"', '"prior_net":"50"')
    assert not check(forged.encode()).holds


def test_the_page_says_the_net_price_or_that_it_is_unknown(
    client: Client, known: dict[str, SaleFacts]
) -> None:
    _sell(known)
    there = reverse("prices:evidence", args=["FS-1"])
    assert "net unknown" in _as(client, "viewer").get(there).text
    operations.note_all([Note("LAMP-0", D(70), at("11-06"), net=D("58.82"))])
    page = client.get(there).text
    assert "net unknown" not in page and "net 58.82" in page


def test_a_row_of_the_past_changes_the_seal(known: dict[str, SaleFacts]) -> None:
    facts = _sell(known)
    before = evidence.pack(facts).seal
    assert evidence.pack(facts).seal == before
    operations.note_all([Note("LAMP-0", D(70), at("11-06"))])
    assert evidence.pack(facts).seal != before


@pytest.mark.parametrize("lines", [1, 3])
def test_the_page_asks_as_little_for_many_lines_as_for_one(
    client: Client,
    known: dict[str, SaleFacts],
    lines: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _sell(known, lines)
    _as(client, "viewer")
    with django_assert_num_queries(7):
        page = client.get(reverse("prices:evidence", args=["FS-1"])).text
    assert page.count('data-label="30-day low"') == lines
    assert "−36%" in page
    assert "the lowest price applied in at least the 30 days" in page
    assert "Mara Kent" in page
    assert "Write seal" not in page


def test_the_file_is_the_one_that_is_checked(
    client: Client, known: dict[str, SaleFacts]
) -> None:
    facts = _sell(known)
    there = reverse("prices:evidence_file", args=["FS-1"])
    reply = _as(client, "viewer").get(there)
    assert reply.content.decode() == evidence.pack(facts).text
    assert "evidence-fs-1.json" in reply["Content-Disposition"]


def test_the_seal_goes_into_the_trail(
    client: Client, known: dict[str, SaleFacts]
) -> None:
    facts = _sell(known)
    _as(client, "merchandiser")
    page = reverse("prices:evidence", args=["FS-1"])
    assert "Not yet" in client.get(page).text
    client.post(reverse("prices:seal", args=["FS-1"]))
    entry = Entry.objects.get(verb="prices.seal_evidence")
    assert entry.after == {"seal": evidence.pack(facts).seal}
    text = client.get(page).text
    assert "Not yet" not in text
    assert "Write seal" not in text


@pytest.mark.parametrize("name", ["evidence", "evidence_file"])
def test_a_sale_nobody_knows_has_no_evidence(client: Client, name: str) -> None:
    reply = _as(client, "viewer").get(reverse(f"prices:{name}", args=["FS-9"]))
    assert reply.status_code == 404


def test_a_viewer_seals_nothing(client: Client, known: Any) -> None:
    _sell(known)
    _as(client, "viewer")
    assert client.post(reverse("prices:seal", args=["FS-1"])).status_code == 403


def test_only_prices_of_the_thirty_days_and_the_one_before_are_said_to_count() -> None:
    days = ["01-01", "10-01", "10-28", "11-20", "11-27"]
    rows = [{"from_at": at(day)} for day in days]
    said = pages._counting(rows, at("10-28"), at("11-27"))
    assert [row["from_at"] for row in said] == [at("10-28"), at("11-20")]
    said = pages._counting(rows, at("10-15"), at("11-27"))
    assert said[0]["from_at"] == at("10-01")


def test_two_markets_with_one_law_are_told_once() -> None:
    assert pages._once([{"rule": "a"}, {"rule": "a"}, {"rule": "b"}]) == [
        {"rule": "a"},
        {"rule": "b"},
    ]


def test_an_approver_is_told_by_full_name() -> None:
    who = make.user("approver")
    who.first_name, who.last_name = "Ida", "Berg"
    who.save()
    given = {"at": "2026-11-20T10:00:00+00:00"}
    told = pages._named([given | {"by": who.username}, given | {"by": "gone"}])
    assert [one["by"] for one in told] == ["Ida Berg", "gone"]
