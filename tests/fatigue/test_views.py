"""The policy page: who may read and save it, what it previews."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config.smoke.forms import Forms
from console.fatigue import calendar, operations
from console.fatigue.models import Audience, Policy, Scope
from console.fatigue.rules import Book, Limits, Sale
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def everyone() -> Audience:
    limits = Limits(min_gap_days=7, zone="Europe/Berlin")
    return operations.add_audience(
        "Everyone", size=9, limits=limits, actor=None, now=NOW
    )


@pytest.fixture
def planned(everyone: Audience) -> Iterator[list[Sale]]:
    """Two sales to come, ten days apart."""
    first = timezone.now() + 10 * DAY
    opens = [first, first + 10 * DAY]
    sales = [
        Sale(f"FS-{n}", f"Sale {n}", at, at + DAY / 12, 0.3)
        for n, at in enumerate(opens, start=1)
    ]

    scope = make.scope(everyone).value
    source = calendar.Source(
        planned=lambda asked, now: [_plan(one, sales) for one in sales],
        sales=lambda asked: sales if asked == scope else [],
    )
    calendar.register(source)
    yield sales
    calendar._sources.remove(source)


def _plan(sale: Sale, sales: list[Sale]) -> calendar.Plan:
    earlier = [one for one in sales if one.opens_at < sale.opens_at]
    return calendar.Plan(sale, [(sale, Book.of(earlier))], settled=False)


def _as(client: Client, *roles: str) -> Client:
    client.force_login(make.user(*roles))
    return client


def _entered(**changes: Any) -> dict[str, Any]:
    held = Limits().values() | {"quiet": ""}
    held.pop("occasion_required")
    return held | {"version": 1, "reason": "Why"} | changes


def _url(name: str) -> str:
    scope = Scope.objects.get(kind="audience", name="everyone")
    return reverse(f"fatigue:{name}", args=[scope.pk])


def test_without_audiences_the_page_teaches(client: Client) -> None:
    page = _as(client, "approver").get(reverse("fatigue:policy"))
    assert "Nothing is protected yet" in page.text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_little_for_many_versions_as_for_one(
    client: Client,
    everyone: Audience,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for version in range(1, rows):
        operations.save(
            make.scope(everyone).pk,
            Limits(red=100 + version),
            version=version,
            reason="",
            actor=None,
            now=NOW,
        )
    _as(client, "viewer")
    with django_assert_num_queries(10):
        page = client.get(reverse("fatigue:policy"))
    assert page.text.count("In force since</th>") == 1
    assert page.text.count('data-label="In force since"') == rows


def test_a_viewer_reads_but_cannot_save(client: Client, everyone: Audience) -> None:
    _as(client, "viewer")
    page = client.get(_url("scope")).text
    assert "Save as version" not in page
    assert "disabled" in page
    assert "Read only: approvers and admins change it" in page
    assert client.post(_url("save"), _entered()).status_code == 403
    assert client.get(reverse("fatigue:add_audience")).status_code == 403


def test_an_unknown_audience_is_not_found(client: Client, everyone: Audience) -> None:
    _as(client, "viewer")
    there = reverse("fatigue:scope", args=[999])
    assert client.get(there).status_code == 404


def test_saving_makes_the_next_version(client: Client, everyone: Audience) -> None:
    _as(client, "approver")
    reply = client.post(_url("save"), _entered(min_gap_days=21), headers=HTMX)
    assert reply["HX-Redirect"] == _url("scope")
    saved = Policy.objects.get(version=2)
    assert (saved.min_gap_days, saved.reason) == (21, "Why")
    page = client.get(_url("scope")).text
    assert "Saved as version 2" in page
    assert "Min gap days" in page


@pytest.mark.parametrize(
    "wrong,text",
    [
        ({"amber": "120"}, "Warn from a score no higher than the limit."),
        ({"zone": "Mars/Base"}, "There is no time zone"),
        ({"min_gap_days": "-3"}, "must be 0 or more."),
        ({"half_life_days": "x"}, "Enter a number."),
        ({"reason": ""}, "Say why: it is kept with the version."),
    ],
)
def test_a_wrong_entry_is_named_and_nothing_saved(
    client: Client, everyone: Audience, wrong: dict[str, str], text: str
) -> None:
    _as(client, "approver")
    reply = client.post(_url("save"), _entered(**wrong), headers=HTMX)
    assert text in reply.text
    assert 'id="policy"' in reply.text
    assert Policy.objects.count() == 1


def test_a_stale_version_shows_both_and_asks_which(
    client: Client, everyone: Audience
) -> None:
    _as(client, "approver")
    saw = client.get(_url("scope")).context["seen"]
    client.post(_url("save"), _entered(red=90))
    mine = _entered(red=80, seen=saw, reason="Mine")
    reply = client.post(_url("save"), mine, headers=HTMX)
    assert (reply.status_code, reply["HX-Retarget"]) == (422, "#dialogs")
    (found,) = reply.context["screen"].differences
    assert (found.name, found.seen, found.newer, found.yours) == (
        "red", "100", "90", "80",
    )  # fmt: skip
    client.post(_url("save"), Forms(reply.text).to(_url("save")))
    saved = Policy.objects.get(version=3)
    assert (saved.red, saved.reason) == (80, "Mine")


def test_a_stale_program_is_refused_in_words(
    client: Client, everyone: Audience
) -> None:
    _as(client, "approver")
    client.post(_url("save"), _entered(red=90))
    asks = {"Accept": "application/json"}
    reply = client.post(_url("save"), _entered(red=80), headers=asks)
    assert reply.status_code == 409
    assert "Version 2 was saved meanwhile" in reply.json()["message"]


def test_the_preview_names_what_a_change_would_block(
    client: Client, everyone: Audience, planned: list[Sale]
) -> None:
    _as(client, "approver")
    page = client.get(_url("scope")).text
    assert "Same verdicts as the policy in force" in page
    changed = _entered(min_gap_days=14)
    reply = client.post(_url("preview"), changed, headers=HTMX).text
    assert "1 newly blocked" in reply
    assert "Sale 1 (FS-1); rest is 14 d" in reply
    assert "1 change not saved" in reply
    assert Policy.objects.count() == 1


def test_the_preview_warns_of_a_policy_that_blocks_everything(
    client: Client, everyone: Audience
) -> None:
    _as(client, "approver")
    reply = client.post(_url("preview"), _entered(red=10, amber=5), headers=HTMX)
    assert "This policy would block everything." in reply.text


def test_a_policy_of_a_category_is_previewed_from_what_its_page_asks(
    client: Client,
) -> None:
    _as(client, "approver")
    client.post(reverse("fatigue:add_policy"), {"kind": "category", "name": "Shoes"})
    one = Policy.objects.get()
    people = [
        "max_messages",
        "message_days",
        "message_counts",
        "email_gap_h",
        "push_gap_h",
    ]
    asked = {k: v for k, v in _entered(min_gap_days=14).items() if k not in people}
    there = reverse("fatigue:preview", args=[one.scope_id])
    reply = client.post(there, asked, headers=HTMX).text
    assert "Correct it to see its effect" not in reply
    assert "1 change not saved" in reply
    client.post(reverse("fatigue:save", args=[one.scope_id]), asked)
    newest = Policy.objects.latest("version")
    assert (newest.min_gap_days, newest.max_messages) == (14, one.max_messages)


def test_the_preview_of_a_wrong_entry_says_so(
    client: Client, everyone: Audience
) -> None:
    _as(client, "approver")
    reply = client.post(_url("preview"), _entered(red="many"), headers=HTMX)
    label = reply.context["form"]["red"].label
    assert f"{label}: " in reply.text
    assert "Correct it to see its effect" in reply.text


def test_an_audience_is_added_with_a_first_version(client: Client) -> None:
    _as(client, "approver")
    there = reverse("fatigue:add_audience")
    assert "dlg-audience" in client.get(there, headers=HTMX).text
    client.post(there, {"name": "Members", "size": 200})
    assert Policy.objects.get().scope.name == "members"
