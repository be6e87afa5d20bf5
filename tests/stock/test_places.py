"""Locations: adding, renaming, moving and removing them, on the page and below it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import BufferPolicy, Feed, Level, Location, Source
from console.stock.operations import PolicyTerms
from console.stock.rules import StaleEdit, Want
from console.stock.rules.buffers import BufferScope
from console.stock.rules.places import (
    BadLocation,
    LocationGone,
    LocationInUse,
    LocationTaken,
    moved,
)
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
BY = {"actor": None, "now": NOW}


def three() -> list[Location]:
    """Three locations in this order."""
    return [stock.add_location(name, **BY) for name in ("Hamburg", "Graz", "Shop")]


def names() -> list[str]:
    return [one.name for one in queries.locations()]


def ids() -> list[int]:
    return [one.pk for one in queries.locations()]


def test_a_new_location_stands_behind_all_others() -> None:
    make.location("Old", position=7)
    three()
    assert names() == ["Old", "Hamburg", "Graz", "Shop"]
    entry = Entry.objects.get(verb="stock.add_location", object_label="Graz")
    assert entry.after == {"name": "Graz", "position": 9}


@pytest.mark.parametrize("up,found", [(True, [2, 1, 3]), (False, [1, 3, 2])])
def test_a_place_is_changed_with_the_neighbour(up: bool, found: list[int]) -> None:
    assert moved([1, 2, 3], 2, up=up) == found
    assert moved([1, 2], 1 if up else 2, up=up) == [1, 2]


def test_a_sale_takes_from_the_location_that_was_moved_to_the_front() -> None:
    hamburg, graz, _ = three()
    sku = make.sku("MUG")
    for place in (hamburg, graz):
        make.level(sku, units=10, at=place)
    stock.move_location(graz.pk, up=True, seen=ids(), **BY)
    assert names() == ["Graz", "Hamburg", "Shop"]
    stock.lock("FS-1", wants=[Want(sku.pk, 12)], **BY)
    taken = dict(Source.objects.values_list("location__name", "units"))
    assert taken == {"Graz": 10, "Hamburg": 2}
    (entry,) = Entry.objects.filter(verb="stock.move_location")
    assert entry.before == {"order": ["Hamburg", "Graz", "Shop"]}
    assert entry.after == {"order": ["Graz", "Hamburg", "Shop"]}


def test_policies_hold_back_at_the_location_that_is_last_by_now() -> None:
    hamburg, graz, _ = three()
    sku = make.sku("MUG")
    for place in (hamburg, graz):
        make.level(sku, units=10, at=place)
    stock.add_policy(BufferScope.SKU, "MUG", PolicyTerms(4), **BY)
    assert Level.objects.get(location=graz).policy_buffer == 4
    stock.move_location(graz.pk, up=True, seen=ids(), **BY)
    assert stock.apply_due(now=NOW) > 0
    assert Level.objects.get(location=graz).policy_buffer == 0
    assert Level.objects.get(location=hamburg).policy_buffer == 4


def test_at_an_end_of_the_order_nothing_moves_and_nothing_is_told() -> None:
    first = three()[0]
    stock.move_location(first.pk, up=True, seen=ids(), **BY)
    assert names() == ["Hamburg", "Graz", "Shop"]
    assert not Entry.objects.filter(verb="stock.move_location").exists()


def test_an_order_that_somebody_changed_since_is_refused() -> None:
    hamburg, graz, _ = three()
    seen = ids()
    stock.move_location(graz.pk, up=True, seen=seen, **BY)
    with pytest.raises(StaleEdit, match="changed the order"):
        stock.move_location(hamburg.pk, up=False, seen=seen, **BY)
    assert names() == ["Graz", "Hamburg", "Shop"]


def test_a_new_name_is_that_of_its_policies_too() -> None:
    hamburg = three()[0]
    make.level(make.sku("MUG"), units=10, at=hamburg)
    stock.add_policy(BufferScope.LOCATION, "Hamburg", PolicyTerms(4), **BY)
    stock.rename_location(hamburg.pk, " Altona ", seen="Hamburg", **BY)
    assert BufferPolicy.objects.get().target == "Altona"
    level = Level.objects.get()
    assert (str(level), level.policy_buffer) == ("MUG at Altona", 4)
    assert queries.drifts() == []
    entry = Entry.objects.get(verb="stock.rename_location")
    assert (entry.before, entry.after) == ({"name": "Hamburg"}, {"name": "Altona"})


def test_a_rename_of_what_somebody_renamed_since_is_refused() -> None:
    hamburg = three()[0]
    stock.rename_location(hamburg.pk, "Altona", seen="Hamburg", **BY)
    with pytest.raises(StaleEdit, match="it is called Altona now"):
        stock.rename_location(hamburg.pk, "Port", seen="Hamburg", **BY)


@pytest.mark.parametrize(
    "name,refusal",
    [("Graz", LocationTaken), (" ", BadLocation), ("x" * 101, BadLocation)],
)
def test_a_name_that_cannot_be_is_refused(name: str, refusal: type[Exception]) -> None:
    hamburg = three()[0]
    for act in (
        lambda: stock.rename_location(hamburg.pk, name, seen="Hamburg", **BY),
        lambda: stock.add_location(name, **BY),
    ):
        with pytest.raises(refusal):
            act()
    assert names() == ["Hamburg", "Graz", "Shop"]


def _of_a_level(place: Location) -> None:
    make.level(make.sku(), units=0, at=place)


def _of_a_feed(place: Location) -> None:
    Feed.objects.create(name="till", kind="till", location=place, secret="x" * 32)


def _of_a_policy(place: Location) -> None:
    stock.add_policy(BufferScope.LOCATION, place.name, PolicyTerms(4), **BY)


@pytest.mark.parametrize("used", [_of_a_level, _of_a_feed, _of_a_policy])
def test_a_location_that_is_in_use_stays(used: Callable[[Location], None]) -> None:
    hamburg = three()[0]
    used(hamburg)
    with pytest.raises(LocationInUse):
        stock.remove_location(hamburg.pk, seen="Hamburg", **BY)
    assert names() == ["Hamburg", "Graz", "Shop"]


def test_a_location_without_levels_is_removed_once() -> None:
    graz = three()[1]
    with pytest.raises(StaleEdit):
        stock.remove_location(graz.pk, seen="Old name", **BY)
    stock.remove_location(graz.pk, seen="Graz", **BY)
    assert names() == ["Hamburg", "Shop"]
    assert Entry.objects.get(verb="stock.remove_location").object_label == "Graz"
    for act in (stock.remove_location, stock.rename_location):
        words = {"name": "New"} if act is stock.rename_location else {}
        with pytest.raises(LocationGone):
            act(graz.pk, **words, seen="Graz", **BY)


def test_locations_are_for_those_who_may_edit_every_category() -> None:
    make.level(make.sku(category="Boots"))
    make.level(make.sku(category="Tents"))
    place = Location.objects.get()
    by = {"actor": limited("merchandiser", categories=["Boots"]), "now": NOW}
    for act in (
        lambda: stock.add_location("Graz", **by),
        lambda: stock.rename_location(place.pk, "Graz", seen="Main", **by),
        lambda: stock.move_location(place.pk, up=True, seen=[place.pk], **by),
        lambda: stock.remove_location(place.pk, seen="Main", **by),
    ):
        with pytest.raises(OutOfScope, match="concerns Tents"):
            act()
    by["actor"] = limited("merchandiser", categories=["Boots", "Tents"])
    stock.add_location("Graz", **by)


@pytest.mark.parametrize("some", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    operator: Client, some: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(some):
        make.level(units=5, at=make.location())
    with django_assert_num_queries(5):
        page = operator.get(reverse("stock:locations"), **HTMX)
    assert page.text.count('<tr id="location-') == some


def test_the_page_lists_them_with_skus_and_units_and_says_what_the_order_means(
    viewer: Client,
) -> None:
    hamburg = three()[0]
    for units in (5, 7):
        make.level(units=units, at=hamburg)
    page = viewer.get(reverse("stock:levels")).text
    row = page.partition(f'<tr id="location-{hamburg.pk}">')[2].partition("</tr>")[0]
    assert 'data-label="SKUs">2<' in row and 'data-label="Units">12<' in row
    assert "The first location is emptied first and held back last" in page
    assert "Add a location" not in page and "Rename" not in page


def test_without_a_location_the_page_says_what_to_add(operator: Client) -> None:
    page = operator.get(reverse("stock:levels")).text
    assert "No location yet" in page and "Add a location" in page


def test_a_person_adds_renames_moves_and_removes_one(client: Client) -> None:
    client.force_login(make.user("merchandiser"))
    add = reverse("stock:add_location")
    assert "Add the location" in client.get(add, **HTMX).text
    for name in ("Hamburg", "Graz"):
        assert client.post(add, {"name": name}, **HTMX).status_code == 204
    taken = client.post(add, {"name": "Graz"}, **HTMX)
    assert "There is a location called Graz already" in taken.text
    hamburg, graz = Location.objects.order_by("position")
    rename = reverse("stock:rename_location", args=[graz.pk])
    assert 'value="Graz"' in client.get(rename, **HTMX).text
    words = {"name": "Vienna", "seen": "Graz"}
    assert client.post(rename, words, **HTMX).status_code == 204
    assert client.post(rename, words, **HTMX).status_code == 409
    move = reverse("stock:move_location", args=[graz.pk])
    words = {"way": "up", "order": f"{hamburg.pk},{graz.pk}"}
    assert client.post(move, words, **HTMX).status_code == 204
    assert client.post(move, words, **HTMX).status_code == 409
    assert client.post(move, {"way": "up", "order": "x"}, **HTMX).status_code == 409
    assert names() == ["Vienna", "Hamburg"]
    remove = reverse("stock:remove_location", args=[hamburg.pk])
    assert "Remove Hamburg?" in client.get(remove, **HTMX).text
    assert client.post(remove, {"seen": "Hamburg"}, **HTMX).status_code == 204
    assert names() == ["Vienna"]


def test_who_may_only_look_is_refused(viewer: Client) -> None:
    one = three()[0]
    assert viewer.post(reverse("stock:add_location"), {"name": "X"}).status_code == 403
    for name in ("rename_location", "move_location", "remove_location"):
        url = reverse(f"stock:{name}", args=[one.pk])
        assert viewer.post(url, {"name": "X"}).status_code == 403
    assert names() == ["Hamburg", "Graz", "Shop"]
