"""The trail as people read, filter and export it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit import operations, rules
from console.shell.policy import Role
from tests import make
from tests.make import NOW

HTMX = {"HX-Request": "true"}
READERS = {"approver", "operator", "commander", "admin", "auditor"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(make.user("operator", name="tomasz"))
    return client


def a_trail() -> None:
    lena = make.user("approver", name="lena")
    record = operations.record
    record(lena, "campaigns.approve", "FS-0041", now=NOW, reason="Ready to go")
    before, after = {"quantity": 100, "buffer": 5}, {"quantity": 120, "buffer": 5}
    later = NOW + timedelta(days=1)
    record(None, "stock.resize", "FS-0042", now=later, before=before, after=after)


def shown(client: Client, **asked: str) -> str:
    return client.get(reverse("audit:list"), asked).content.decode()


def test_the_page_shows_who_what_why_and_the_difference(reader: Client) -> None:
    a_trail()
    html, _, _ = shown(reader).partition("</main>")
    for words in ("lena", "campaigns.approve", "Ready to go", "Doorbuster"):
        assert words in html
    assert "<del>100</del>" in html and "<ins>120</ins>" in html
    assert "buffer" not in html


@pytest.mark.parametrize(
    "asked,found",
    [
        ({"who": "lena"}, {"FS-0041"}),
        ({"who": "system"}, {"FS-0042"}),
        ({"verb": "stock.resize"}, {"FS-0042"}),
        ({"object": "0041"}, {"FS-0041"}),
        ({"text": "ready TO"}, {"FS-0041"}),
        ({"text": "quantity"}, {"FS-0042"}),
        ({"since": "2026-11-28"}, {"FS-0042"}),
        ({"until": "2026-11-27"}, {"FS-0041"}),
        ({"since": "2026-11-27", "until": "2026-11-28"}, {"FS-0041", "FS-0042"}),
        ({"text": "nowhere"}, set()),
        ({}, {"FS-0041", "FS-0042"}),
    ],
)
def test_each_filter_narrows(
    reader: Client, asked: dict[str, str], found: set[str]
) -> None:
    a_trail()
    html = shown(reader, **asked)
    assert {code for code in ("FS-0041", "FS-0042") if f">{code}</td>" in html} == found


def test_a_range_that_ends_before_it_begins_says_so(reader: Client) -> None:
    html = shown(reader, since="2026-11-28", until="2026-11-27")
    assert "The last day is before the first" in html


def test_an_empty_trail_and_an_empty_search_say_different_things(
    reader: Client,
) -> None:
    assert "Nothing was done yet" in shown(reader)
    assert "No entries match" in shown(reader, text="nowhere")


def test_htmx_gets_the_table_alone(reader: Client) -> None:
    a_trail()
    reply = reader.get(reverse("audit:list"), headers={"HX-Request": "true"})
    assert "<html" not in reply.content.decode()


def test_the_trail_comes_in_pages(reader: Client) -> None:
    for number in range(51):
        operations.record(None, "a.b", f"number-{number}", now=NOW)
    assert "number-50<" in shown(reader) and "number-0<" not in shown(reader)
    assert "number-0<" in shown(reader, page="2")


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    reader: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    person = make.user("approver")
    for number in range(count):
        operations.record(person, "a.b", str(number), now=NOW)
    reader.get(reverse("audit:list"))
    with django_assert_num_queries(7):
        reader.get(reverse("audit:list"))


def test_the_badge_says_whether_the_chain_holds(reader: Client) -> None:
    a_trail()
    assert (
        "Chain of 2 verified" in reader.get(reverse("audit:chain"), headers=HTMX).text
    )
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update audit_entry set verb = 'x' where position = 2")
        cursor.execute("set local session_replication_role = origin")
    html = reader.get(reverse("audit:chain"), headers=HTMX).text
    assert "Broken at entry 2: the content was changed" in html


def test_the_export_holds_what_the_filter_shows(reader: Client) -> None:
    a_trail()
    reply = reader.get(reverse("audit:export"), {"who": "lena"})
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert [(row["actor"], row["object"]) for row in rows] == [("lena", "FS-0041")]
    assert reply.headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\0=1"])
def test_no_cell_starts_a_formula(reader: Client, evil: str) -> None:
    assert rules.cell(evil).startswith("'")
    assert "\0" not in rules.cell(evil)
    operations.record(None, "a.b", evil, now=NOW, reason=evil)
    reply = reader.get(reverse("audit:export")).content.decode()
    (row,) = csv.DictReader(io.StringIO(reply, newline=""))
    assert not row["reason"].startswith(rules.STARTS_A_FORMULA)
    assert not row["object"].startswith(rules.STARTS_A_FORMULA)


def test_markup_in_an_entry_stays_text(reader: Client) -> None:
    operations.record(None, "a.b", "<script>x</script>", now=NOW, after={"<b>": "<i>"})
    html = shown(reader)
    assert "<script>x" not in html and "<ins><i>" not in html


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_must_may_read_it(client: Client, role: Role) -> None:
    client.force_login(make.user(role.value))
    expected = 200 if role.value in READERS else 403
    for name in ("list", "chain", "export"):
        assert (
            client.get(reverse(f"audit:{name}"), headers=HTMX).status_code == expected
        )
