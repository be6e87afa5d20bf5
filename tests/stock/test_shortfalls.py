"""Paid units that are not there: listed, counted, and settled once by who may."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.people.rules import OutOfScope
from console.shell.policy import Role
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Shortfall
from console.stock.rules import Item
from console.stock.rules.shortfalls import AlreadyResolved, Resolution
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
ROLES = [role for role in Role if role != Role.SERVICE]
TTL = timedelta(seconds=60)


def short(count: int = 1, *, now: datetime = NOW) -> list[Shortfall]:
    """So many orders of a sale of one unit, paid once that was gone to another."""
    one = make.allocation(quantity=1, of=make.sku("MUG"))
    make.gate(hold_ttl_s=60)
    line, begun = [Item(one.sku.code, 1)], now - (count + 1) * TTL
    for n in range(count + 1):
        at = begun + n * TTL
        stock.reserve("FS-1", lines=line, buyer=f"b{n}", key=f"k{n}", now=at)
    last, *late = one.reservationline_set.order_by("-expires_at")
    stock.confirm(last.reservation_id, order="O-paid", now=now - TTL)
    for n, hold in enumerate(reversed(late)):
        at = now - (count - n) * timedelta(minutes=1)
        assert stock.confirm(hold.reservation_id, order=f"O-{n}", now=at).shortfall == 1
    return list(Shortfall.objects.order_by("at"))


def resolve(one: Shortfall, actor: User, **changed: object) -> Shortfall:
    words = {"resolution": Resolution.REFUND, "note": "R-7"} | changed
    return stock.resolve_shortfall(one.pk, actor=actor, now=NOW, **words)


def test_what_was_done_is_noted_once_with_who_and_when() -> None:
    (one,) = short()
    by = make.user("operator")
    assert queries.missing("FS-1").units == 1
    resolve(one, by)
    one.refresh_from_db()
    assert (one.resolution, one.note, one.resolved_by, one.resolved_at) == (
        "refund",
        "R-7",
        by,
        NOW,
    )
    said = Entry.objects.get(verb="stock.resolve_shortfall")
    assert (said.actor_id, said.at, said.reason) == (by.pk, NOW, "R-7")
    assert said.after == {"resolution": "refund", "units": 1}
    assert "O-0" in said.object_label and "FS-1" in said.object_label
    told = queries.missing("FS-1")
    assert (told.units, told.since, told.ever) == (0, None, 1)
    assert queries.violations() == []


def test_the_same_again_changes_nothing() -> None:
    (one,) = short()
    by = make.user("operator")
    resolve(one, by)
    again = stock.resolve_shortfall(
        one.pk, resolution=Resolution.REFUND, note="R-7", actor=by, now=NOW + TTL
    )
    assert again.resolved_at == NOW
    assert Entry.objects.filter(verb="stock.resolve_shortfall").count() == 1


@pytest.mark.parametrize("other", [{"note": "R-8"}, {"resolution": "substitute"}])
def test_what_somebody_resolved_meanwhile_is_refused(other: dict[str, str]) -> None:
    (one,) = short()
    by = make.user("operator", name="mara")
    resolve(one, by)
    for actor, words in ((by, other), (make.user("operator"), {})):
        with pytest.raises(AlreadyResolved, match="mara resolved this before: Ref"):
            resolve(one, actor, **words)
    one.refresh_from_db()
    assert (one.resolution, one.note) == ("refund", "R-7")


def test_who_is_limited_to_other_categories_resolves_nothing() -> None:
    (one,) = short()
    make.campaign(code="FS-1", lines=0, category="Mugs")
    with pytest.raises(OutOfScope):
        resolve(one, limited("operator", categories=["Tents"]))
    one.refresh_from_db()
    assert one.resolved_at is None


def test_open_ones_are_listed_first_the_oldest_first() -> None:
    first, second, third = short(3)
    assert [one.order for one in queries.shortfalls("FS-1")] == ["O-0", "O-1", "O-2"]
    resolve(first, make.user("operator"))
    listed = [one.order for one in queries.shortfalls("FS-1")]
    assert listed == [second.order, third.order, first.order]
    told = queries.missing("FS-1")
    assert (told.units, told.since) == (2, second.at)
    assert list(queries.shortfalls("FS-2")) == []


def test_the_stock_tab_lists_counts_and_resolves_them(operator: Client) -> None:
    (one,) = short(now=clock.now())
    here = reverse("stock:panel", args=["FS-1"])
    page = operator.get(here, **HTMX).text
    assert "1 unit open, the oldest for" in page and "Missing 1," in page
    assert "O-0" in page and "Resolve" in page
    url = reverse("stock:resolve", args=[one.pk])
    assert "1 unit of" in operator.get(url, **HTMX).text
    told = operator.post(url, {"note": "R-7"}, **HTMX).text
    assert "What was done is missing" in told
    sent = {"resolution": "substitute", "note": "A blue one"}
    reply = operator.post(url, sent, **HTMX)
    assert (reply.status_code, "shortfalls-changed" in reply["HX-Trigger"]) == (
        204,
        True,
    )
    part = operator.get(reverse("stock:shortfalls", args=["FS-1"]), **HTMX).text
    assert "nothing open" in part and "Replaced" in part and "A blue one" in part
    assert "Tomasz" in part and "Resolve the" not in part
    late = operator.post(url, {"resolution": "refund"}, **HTMX)
    assert late.status_code == 409
    assert "Missing" not in operator.get(here.replace("FS-1", "FS-1/anatomy")).text


def test_a_sale_without_any_hides_the_list(viewer: Client) -> None:
    make.allocation(quantity=1)
    page = viewer.get(reverse("stock:shortfalls", args=["FS-1"]), **HTMX).text
    assert 'id="shortfalls" aria-labelledby="short-t" hidden' in page


@pytest.mark.parametrize("role", ROLES)
def test_who_runs_a_sale_may_resolve(client: Client, role: str) -> None:
    (one,) = short()
    client.force_login(make.user(role))
    may = role in {"operator", "commander", "admin"}
    listed = client.get(reverse("stock:shortfalls", args=["FS-1"]), **HTMX).text
    assert ("Resolve the" in listed) == may
    reply = client.post(reverse("stock:resolve", args=[one.pk]), **HTMX)
    assert (reply.status_code != 403) == may


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    viewer: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for one in short(count)[1:]:
        resolve(one, make.user("operator"))
    url = reverse("stock:shortfalls", args=["FS-1"])
    viewer.get(url, **HTMX)
    with django_assert_num_queries(7):
        viewer.get(url, **HTMX)


def test_many_are_paged(viewer: Client) -> None:
    short(21)
    page = queries.shortfalls("FS-1", "99")
    assert [one.order for one in page] == ["O-20"]
    url = reverse("stock:shortfalls", args=["FS-1"])
    assert "1 to 20 of 21" in viewer.get(url, **HTMX).text
    assert "21 to 21 of 21" in viewer.get(url + "?short=2", **HTMX).text
