"""Waves and release rules on the Stock tab: what a person sees and may do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation, BufferRule, Wave
from console.stock.operations import RuleTerms
from console.stock.rules.waves import ReleaseWhen, Tranche
from tests import make
from tests.stock.lagkit import showed

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def merchandiser(client: Client) -> Client:
    client.force_login(make.user("merchandiser"))
    return client


def plan_form(rows: list[tuple[object, object, object]], seen: str = "") -> dict:
    words: dict[str, object] = {"seen": seen, "w-TOTAL_FORMS": len(rows)}
    words |= {"w-INITIAL_FORMS": 0, "w-MAX_NUM_FORMS": 30}
    for n, (share, minutes, sold) in enumerate(rows):
        words |= {f"w-{n}-share": share, f"w-{n}-minutes": minutes, f"w-{n}-sold": sold}
    return words


def test_waves_are_proposed_planned_and_started(operator: Client) -> None:
    one = make.allocation(quantity=1000)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    assert 'name="w-0-share"' in operator.get(plan, **HTMX).text
    page = operator.get(plan, {"propose": "1"}, **HTMX).text
    assert page.count('value="9.09"') == 10 and 'value="10.0"' in page
    rows = [(40, "1.5", ""), (40, "", 50), ("", "", "")]
    assert operator.post(plan, plan_form(rows), **HTMX).status_code == 204
    assert Allocation.objects.get().buffer == 800
    panel = reverse("stock:waves", args=["FS-1"])
    page = operator.get(panel, **HTMX).text
    assert "800 units wait" in page and "after the opening" in page
    assert "50% sold" in page and "Start the next now" not in page
    stock.open_gate("FS-1", now=clock.now())
    assert "Start the next now" in operator.get(panel, **HTMX).text
    start = reverse("stock:next_wave", args=["FS-1"])
    assert "400 units of 1 SKU" in operator.get(start, **HTMX).text
    assert operator.post(start, **HTMX).status_code == 204
    one.refresh_from_db()
    assert (one.buffer, Wave.objects.get(position=1).opened_units) == (400, 400)
    feed = operator.get(reverse("stock:movements", args=["FS-1"]), **HTMX).text
    assert "2 waves planned, 800 units wait" in feed
    assert "Wave 1 started, 400 units let go" in feed
    told = operator.post(plan, plan_form([], seen="1,2"), **HTMX)
    assert (told.status_code, Wave.objects.count()) == (409, 2)


def test_no_wave_is_refused_unless_there_were_some_to_remove(
    operator: Client,
) -> None:
    make.allocation(quantity=100)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    told = operator.post(plan, plan_form([("", "", "")]), **HTMX)
    assert told.status_code >= 400 and "No wave is filled in." in told.text
    operator.post(plan, plan_form([(50, 1, "")]), **HTMX)
    seen = str(Wave.objects.get().pk)
    told = operator.post(plan, plan_form([("", "", "")], seen=seen), **HTMX)
    assert told.status_code == 204 and not Wave.objects.exists()
    assert "1 wave removed, no unit waits" in str(told.headers)


def test_one_of_the_waves_is_taken_out_and_the_others_stay(operator: Client) -> None:
    one = make.allocation(quantity=100)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    assert "Remove wave 1" in operator.get(plan, **HTMX).text
    operator.post(plan, plan_form([(10, 1, ""), (20, 2, ""), (30, 3, "")]), **HTMX)
    seen = ",".join(str(pk) for pk in queries.release_plan("FS-1").seen)
    rows = [(10, 1, ""), (30, 3, ""), ("", "", "")]
    told = operator.post(plan, plan_form(rows, seen=seen), **HTMX)
    assert told.status_code == 204
    assert "2 waves planned, 1 removed, 40 units wait" in str(told.headers)
    waits = Wave.objects.order_by("position").values_list("position", "share")
    assert list(waits) == [(1, 10), (2, 30)]
    one.refresh_from_db()
    assert one.buffer == 40


def test_no_wave_is_taken_out_once_one_started_meanwhile(operator: Client) -> None:
    one = make.allocation(quantity=100)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    operator.post(plan, plan_form([(10, 1, ""), (20, 2, "")]), **HTMX)
    seen = ",".join(str(pk) for pk in queries.release_plan("FS-1").seen)
    stock.open_gate("FS-1", now=clock.now())
    stock.open_next_wave("FS-1", actor=None, now=clock.now())
    for rows in ([(20, 2, "")], [(10, 1, "")], []):
        told = operator.post(plan, plan_form([*rows, ("", "", "")], seen=seen), **HTMX)
        assert told.status_code == 409 and "A wave started" in told.text
    one.refresh_from_db()
    assert (one.buffer, Wave.objects.count()) == (20, 2)
    assert operator.get(plan, **HTMX).text.count('value="20') == 1
    left = str(Wave.objects.get(opened_at=None).pk)
    told = operator.post(plan, plan_form([("", "", "")], seen=left), **HTMX)
    assert told.status_code == 204
    one.refresh_from_db()
    assert (one.buffer, Wave.objects.get().opened_units) == (0, 10)


def test_a_merchandiser_plans_waves_and_starts_none(merchandiser: Client) -> None:
    make.allocation(quantity=100)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    merchandiser.post(plan, plan_form([(50, 1, "")]), **HTMX)
    stock.open_gate("FS-1", now=clock.now())
    start = reverse("stock:next_wave", args=["FS-1"])
    assert merchandiser.post(start, **HTMX).status_code == 403
    assert Allocation.objects.get().buffer == 50


@pytest.mark.parametrize(
    "rows,said",
    [
        ([(60, 1, ""), (60, 2, "")], "more than 100 percent"),
        ([(50, "", "")], "A wave starts"),
        ([("", 5, "")], "more than 0 percent"),
        ([(101, 5, "")], "100 or less"),
        ([("x", 5, "")], "Enter a number"),
    ],
)
def test_waves_that_cannot_be_are_refused_by_name(
    operator: Client, rows: list[tuple[object, object, object]], said: str
) -> None:
    make.allocation(quantity=100)
    plan = reverse("stock:plan_waves", args=["FS-1"])
    assert said in operator.post(plan, plan_form(rows), **HTMX).text
    assert not Wave.objects.exists()


def test_release_rules_are_made_run_and_taken_back(
    operator: Client,
) -> None:
    one = make.allocation(quantity=100, buffer=20)
    add = reverse("stock:add_rule", args=["FS-1"])
    assert "a time nobody measured yet" in operator.get(add, **HTMX).text
    showed("1.5", at=clock.now())
    assert "after 1.5 s now" in operator.get(add, **HTMX).text
    words = {"when": "last_percent", "value": 25, "units": 5, "allocation": one.pk}
    assert operator.post(add, words, **HTMX).status_code == 204
    assert "from which number" in operator.post(add, {"when": "lag_below"}, **HTMX).text
    assert operator.post(add, {"when": "manual"}, **HTMX).status_code == 204
    first, second = BufferRule.objects.order_by("pk")
    opened = clock.now() - timedelta(minutes=1)
    stock.open_gate("FS-1", ends_at=opened + timedelta(hours=1), now=opened)
    page = operator.get(reverse("stock:waves", args=["FS-1"]), **HTMX).text
    assert "Last 25%, from" in page and "All of the buffer" in page
    run = reverse("stock:run_rule", args=[second.pk])
    assert "All that no wave waits for" in operator.get(run, **HTMX).text
    assert operator.post(run, **HTMX).status_code == 204
    assert Allocation.objects.get().buffer == 0
    assert operator.post(run, **HTMX).status_code == 409
    drop = reverse("stock:drop_rule", args=[first.pk])
    assert "Take rule" in operator.get(drop, **HTMX).text
    assert operator.post(drop, {}, **HTMX).status_code == 204
    assert BufferRule.objects.count() == 1


@pytest.mark.parametrize("some", [1, 3])
def test_the_waves_take_the_same_queries_for_any_number(
    operator: Client, some: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.allocation(quantity=100, buffer=20)
    waves = [Tranche(Decimal(10), after_s=60 * (n + 1)) for n in range(some)]
    words = {"actor": None, "now": clock.now()}
    stock.plan_waves("FS-1", waves, seen=[], **words)
    for _ in range(some):
        stock.add_rule("FS-1", RuleTerms(ReleaseWhen.MANUAL), **words)
    with django_assert_num_queries(9):
        operator.get(reverse("stock:waves", args=["FS-1"]), **HTMX)


def test_the_stock_tab_asks_for_its_waves(viewer: Client) -> None:
    make.allocation()
    page = viewer.get(reverse("stock:panel", args=["FS-1"]), **HTMX).text
    assert reverse("stock:waves", args=["FS-1"]) in page
