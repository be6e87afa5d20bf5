"""Feeds and fences as people see them: gauges, what is held, and who may do what."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.shell.policy import Role
from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Feed, FeedMovement, Fence
from tests import make
from tests.stock.feedkit import SECRET, feed, mugs, on_hand, say, told

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
NEW = {
    "name": "till-berlin", "kind": "till", "location": "", "late_after_s": 300,
    "secret": SECRET, "active": "on",
}  # fmt: skip


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.user("admin"))
    return client


def page(client: Client, name: str, *args: str, **query: str) -> str:
    return client.get(reverse(f"stock:{name}", args=args), query, **HTMX).text


def short(units: int = 3) -> FeedMovement:
    now = clock.now()
    say(feed(), told("A-17", "sold", units, now=now), now=now)
    return FeedMovement.objects.get()


def test_without_a_feed_levels_say_so_and_the_stock_tab_shows_nothing(
    viewer: Client,
) -> None:
    assert "No feed tells us of movements" in page(viewer, "feeds")
    assert "hidden" in page(viewer, "feeds", quiet="").partition(">")[0]
    assert "Add a feed" not in page(viewer, "feeds")
    levels = viewer.get(reverse("stock:levels")).text
    assert f'hx-get="{reverse("stock:feeds")}"' in levels


def test_an_unknown_lag_is_never_a_zero(viewer: Client) -> None:
    feed()
    told_ = page(viewer, "feeds")
    assert "how late is not known" in told_
    assert "0 s" not in told_


def test_a_feed_tells_how_late_it_is_and_what_is_held(viewer: Client) -> None:
    mugs(1)
    short()
    told_ = page(viewer, "feeds")
    assert "1 to look at" in told_ and "1.0 s" in told_
    assert "not kept" not in told_
    Feed.objects.update(unkept=3, unkept_at=clock.now())
    assert "3 not kept" in page(viewer, "feeds")
    held = page(viewer, "held", "till")
    assert "A-17" in held and "promised" in held
    assert "Try again" not in held, "a viewer may not"


def test_an_admin_adds_and_changes_a_feed_and_never_sees_its_secret(
    admin: Client,
) -> None:
    assert "Add a feed" in page(admin, "feeds")
    url = reverse("stock:add_feed")
    bad = admin.post(url, NEW | {"secret": "short"}, **HTMX)
    assert "24 characters" in bad.text and not Feed.objects.exists()
    named = admin.post(url, NEW | {"name": "Till Berlin"}, **HTMX)
    assert "Write the name with letters from a to z" in named.text
    assert "slug" not in named.text and not Feed.objects.exists()
    for lame in ("whsec_" + "YWJj" * 7, "whsec_" + "not base64?".replace(" ", "") * 5):
        reply = admin.post(url, NEW | {"secret": lame}, **HTMX)
        assert "whsec_" in reply.text and not Feed.objects.exists()
    none = admin.post(url, NEW | {"secret": ""}, **HTMX)
    assert "Enter the secret" in none.text and not Feed.objects.exists()
    assert admin.post(url, NEW, **HTMX).status_code == 204
    again = admin.post(url, NEW, **HTMX)
    assert again.status_code == 422 and "till-berlin already" in again.text
    shared = admin.post(url, NEW | {"name": "till-2"}, **HTMX)
    assert shared.status_code == 422 and "signs with this secret" in shared.text
    assert Feed.objects.count() == 1
    url = reverse("stock:change_feed", args=["till-berlin"])
    form = admin.get(url, **HTMX).text
    assert SECRET not in form and "till-berlin" in form
    kept = NEW | {"secret": "", "late_after_s": 60}
    assert admin.post(url, kept, **HTMX).status_code == 204
    one = Feed.objects.get()
    assert (one.late_after_s, one.secret) == (60, SECRET)


def test_what_is_held_is_tried_again_or_discarded(operator: Client) -> None:
    level = mugs(1)
    row = short()
    url = reverse("stock:settle_held", args=["till"])
    told_ = operator.post(url, {"pk": [row.pk], "act": "retry"}, **HTMX)
    assert told_.status_code == 204 and "cannot be booked yet" in told_["HX-Trigger"]
    stock.receive(
        level.sku_id, level.location_id, units=9, reason=make.Reason.RECEIPT,
        actor=None, now=clock.now(),
    )  # fmt: skip
    told_ = operator.post(url, {"pk": [row.pk, 10**9], "act": "retry"}, **HTMX)
    assert told_.status_code == 204 and "cannot be booked" not in told_["HX-Trigger"]
    assert "1 movement decided on before" in told_["HX-Trigger"]
    assert on_hand() == 7
    gone = operator.post(url, {"pk": [row.pk], "act": "retry"}, **HTMX)
    assert gone.status_code == 409


def test_discarding_asks_why(operator: Client) -> None:
    mugs(1)
    row = short()
    url = reverse("stock:settle_held", args=["till"])
    asked = {"pk": [row.pk, "x", "9" * 30], "act": "discard"}
    assert operator.post(url, asked, **HTMX).status_code == 422
    told_ = operator.post(url, asked | {"reason": "Test sale"}, **HTMX)
    assert told_.status_code == 204
    row.refresh_from_db()
    assert (row.state, row.reason) == ("discarded", "Test sale")


ACTS = {
    "add_feed": ([], "admin"),
    "change_feed": (["till"], "admin"),
    "settle_held": (["till"], "merchandiser operator commander admin"),
    "raise_fence": (["FS-1"], "operator commander admin"),
    "drop_fence": (["FS-1"], "operator commander admin"),
    "acknowledge_fence": (["FS-1"], "merchandiser operator commander admin"),
}
ROLES = [role for role in Role if role != Role.SERVICE]


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(client: Client, name: str, role: str) -> None:
    feed()
    args, allowed = ACTS[name]
    client.force_login(make.user(role))
    reply = client.post(reverse(f"stock:{name}", args=args), **HTMX)
    assert (reply.status_code != 403) == (role in allowed.split())


def test_a_fence_is_raised_dropped_and_acknowledged_on_the_stock_tab(
    operator: Client,
) -> None:
    level, now = mugs(100), clock.now()
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 40, 0)], actor=None, now=now)
    shown = page(operator, "fence", "FS-1")
    assert "Not raised" in shown and "Raise the fence" in shown
    url = reverse("stock:raise_fence", args=["FS-1"])
    assert "Say why" in operator.post(url, {"reason": ""}, **HTMX).text
    assert operator.post(url, {"reason": "ERP writes"}, **HTMX).status_code == 204
    say(feed(), told("c", "counted", 90, age_s=1, now=clock.now()), now=clock.now())
    shown = page(operator, "fence", "FS-1")
    assert "1 movement parked" in shown and "Drop the fence" in shown
    url = reverse("stock:drop_fence", args=["FS-1"])
    assert "1 parked movement is booked" in operator.get(url, **HTMX).text
    assert operator.post(url, {"reason": "Over"}, **HTMX).status_code == 204
    assert "1 to go" in page(operator, "fence", "FS-1")
    stock.book_due(now=clock.now())
    shown = page(operator, "fence", "FS-1")
    assert "1 to look at" in shown and "Acknowledge" in shown and "100" in shown
    url = reverse("stock:acknowledge_fence", args=["FS-1"])
    assert operator.post(url, **HTMX).status_code == 204
    assert Fence.objects.get().acknowledged_by is not None
    assert "looked at what differed" in page(operator, "fence", "FS-1")
    assert operator.post(url, **HTMX).status_code == 409


@pytest.mark.parametrize("count", [1, 3])
def test_the_gauges_take_the_same_queries_for_any_number_of_feeds(
    viewer: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mugs(10)
    for number in range(count):
        till = feed(f"till-{number}")
        now = clock.now()
        say(
            till, told("a", "sold", 1, now=now), told("b", "sold", 99, now=now), now=now
        )
    page(viewer, "feeds")
    with django_assert_num_queries(7):
        page(viewer, "feeds")
