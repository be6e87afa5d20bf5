"""The page of buffers, and waves on the Stock tab: what a person sees and may do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation, BufferPolicy, BufferRule, Level, Wave
from console.stock.operations import LevelSize, PolicyTerms, RuleTerms
from console.stock.rules import Want
from console.stock.rules.buffers import BufferScope
from console.stock.rules.waves import ReleaseWhen, Tranche
from tests import make
from tests.stock.lagkit import showed

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def merchandiser(client: Client) -> Client:
    client.force_login(make.user("merchandiser"))
    return client


def hold(level: str, target: str = "", units: int = 5) -> BufferPolicy:
    scope = BufferScope(level)
    now = clock.now()
    return stock.add_policy(scope, target, PolicyTerms(units), actor=None, now=now)


@pytest.mark.parametrize("some", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_policies(
    operator: Client, some: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(some):
        sku = make.sku(category=f"Kind {number}")
        make.level(sku, units=10)
        hold("sku", sku.code)
        hold("category", sku.category)
    with django_assert_num_queries(9):
        page = operator.get(reverse("stock:buffers"), **HTMX)
    assert page.content.decode().count("<tr>") == 1 + 2 * some


def test_who_may_only_look_is_offered_nothing(viewer: Client) -> None:
    make.level(make.sku("MUG"))
    one = hold("sku", "MUG")
    page = viewer.get(reverse("stock:buffers")).content.decode()
    assert "SKU <span" in page and "5 units" in page
    assert "Change" not in page and "Add a policy" not in page
    told = viewer.post(reverse("stock:remove_policy", args=[one.pk]), {"version": 1})
    assert told.status_code == 403
    assert BufferPolicy.objects.get().removed_at is None


def test_a_policy_is_added_changed_and_removed(merchandiser: Client) -> None:
    make.level(make.sku("MUG"), units=10)
    add = reverse("stock:add_policy")
    assert "Add a buffer policy" in merchandiser.get(add, **HTMX).text
    words = {"level": "sku", "target": "MUG", "units": 12, "low_at": ""}
    effect = merchandiser.get(add, words, **HTMX).text
    assert "10 units of 1 SKU<" in effect and "fall to 0 free</span><b>1</b>" in effect
    assert merchandiser.post(add, words, **HTMX).status_code == 204
    one = BufferPolicy.objects.get()
    assert Level.objects.get().policy_buffer == 10
    change = reverse("stock:change_policy", args=[one.pk])
    assert "10 units of 1 SKU" in merchandiser.get(change, **HTMX).text
    words = {"percent": "25", "low_at": 2, "version": 1, "reason": "fewer"}
    assert merchandiser.post(change, words, **HTMX).status_code == 204
    assert Level.objects.get().policy_buffer == 3 + 2
    page = merchandiser.get(reverse("stock:buffers")).text
    assert "25% of what is on hand" in page and "“fewer”" in page
    remove = reverse("stock:remove_policy", args=[one.pk])
    assert "5 units of 1 SKU" in merchandiser.get(remove, **HTMX).text
    assert merchandiser.post(remove, {"version": 2}, **HTMX).status_code == 204
    assert Level.objects.get().policy_buffer == 0
    assert "Nothing is held back" in merchandiser.get(reverse("stock:buffers")).text


def test_a_stale_policy_is_refused_with_the_newer_values(merchandiser: Client) -> None:
    make.level(make.sku("MUG"), units=10)
    one = hold("sku", "MUG", 4)
    change = reverse("stock:change_policy", args=[one.pk])
    merchandiser.post(change, {"units": 6, "version": 1}, **HTMX)
    told = merchandiser.post(change, {"units": 7, "version": 1}, **HTMX)
    assert told.status_code == 409
    assert "now holds back 6 units" in told.text
    assert BufferPolicy.objects.get().units == 6


@pytest.mark.parametrize(
    "words,said",
    [
        ({"level": "sku", "target": "MUG"}, "one of the two"),
        ({"level": "sku", "target": "MUG", "units": 1, "percent": 1}, "one of the two"),
        ({"level": "sku", "target": "nobody", "units": 1}, "There is no SKU"),
        ({"level": "category", "target": "a\0b", "units": 1}, "Null characters"),
        ({"level": "master", "units": -1}, "must be 0 or more"),
        ({"level": "else", "units": 1}, "valid choice"),
    ],
)
def test_what_makes_no_policy_is_refused_by_name(
    merchandiser: Client, words: dict[str, object], said: str
) -> None:
    make.level(make.sku("MUG"))
    told = merchandiser.post(reverse("stock:add_policy"), words, **HTMX)
    assert said in told.text
    assert not BufferPolicy.objects.exists()


def counted(level: Level, on_hand: int, committed: int = 0) -> None:
    level.refresh_from_db()
    seen = {"version": level.version, "reason": "count", "actor": None}
    size = LevelSize(on_hand, committed, 0)
    stock.adjust(level.pk, size=size, **seen, now=clock.now())


def test_a_sale_is_offered_no_larger_buffer_than_its_allocation(
    operator: Client,
) -> None:
    level = make.level(units=1_400)
    want = [Want(level.sku_id, 280)]
    (one,) = stock.lock("FS-1", wants=want, actor=None, now=clock.now())
    for on_hand in (700, 1_400, 700):
        counted(level, on_hand)
    page = operator.get(reverse("stock:buffer", args=[one.pk]), **HTMX).text
    assert "Suggested 280, all that this sale can hold back of the 700" in page
    assert 'data-take="280"' in page


def test_dialogs_suggest_what_was_measured_or_say_what_is_not_known(
    operator: Client,
) -> None:
    level = make.level(units=20_100)
    want = [Want(level.sku_id, 1000)]
    (one,) = stock.lock("FS-1", wants=want, actor=None, now=clock.now())
    url = reverse("stock:buffer", args=[one.pk])
    page = operator.get(url, **HTMX).text
    assert "No size can be suggested yet" in page
    assert "Miscounts: left out, how exact counts are is not known: none in 90" in page
    for on_hand in (20_000, 19_900, 20_000):
        counted(level, on_hand, 14_400)
    showed("60", at=clock.now())
    page = operator.get(url, **HTMX).text
    assert "18 against late news (10 a minute, 60 s, 99%)" in page
    assert 'data-take="118" data-into="id_buffer"' in page


def test_the_levels_say_what_policies_hold_back_beside_the_buffer(
    viewer: Client,
) -> None:
    make.level(make.sku("MUG"), units=5)
    hold("sku", "MUG", 9)
    page = viewer.get(reverse("stock:levels")).text
    assert "and 5 by policy" in page and "Low</span>" in page


def test_units_promised_elsewhere_are_not_told_as_held_back(viewer: Client) -> None:
    level = make.level(make.sku("MUG"), units=1_618)
    counted(level, 1_618, 310)
    hold("sku", "MUG", 9_999_999)
    page = viewer.get(reverse("stock:buffers")).text
    assert "1,308 units of 1 SKU are held back on shelves now" in page


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
