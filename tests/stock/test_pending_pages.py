"""Counts that wait, on the page of levels: who sees them and who decides."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from console.stock.models import Level, PendingCount
from tests import make
from tests.stock.pendingkit import count, on_hand, waits

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.ADJUST_ALONE_UNITS = 50
    settings.ADJUST_ALONE_VALUE = 1_000


@pytest.fixture
def level() -> Level:
    return make.level(make.sku("SHELL"), units=100)


@pytest.fixture
def mara() -> User:
    return make.user("operator", name="mara")


def test_the_levels_page_lists_them_and_another_person_approves(
    operator: Client, level: Level, mara: User
) -> None:
    made = waits(level, mara)
    page = operator.get(reverse("stock:levels")).text
    for text in ("Counts that wait", "mara", "<ins>500</ins>", "Approve"):
        assert text in page
    told = operator.post(reverse("stock:approve_count", args=[made.pk]), **HTMX)
    assert told.status_code == 204 and "counts-changed" in told["HX-Trigger"]
    assert on_hand(level) == 500
    part = operator.get(reverse("stock:pending"), **HTMX).text
    assert "hidden" in part and "Approve" not in part
    gone = reverse("stock:refuse_count", args=[999_999])
    assert operator.post(gone, **HTMX).status_code == 404


def test_who_counted_is_told_and_may_take_it_back(
    client: Client, level: Level, mara: User
) -> None:
    client.force_login(mara)
    words = {"on_hand": 500, "committed": 0, "buffer": 0, "reason": "count"}
    words |= {"version": level.version, "note": ""}
    told = client.post(reverse("stock:adjust", args=[level.pk]), words, **HTMX)
    assert "waits for a second person" in told["HX-Trigger"]
    page = client.get(reverse("stock:levels")).text
    assert "Take back" in page and ">Approve<" not in page
    made = PendingCount.objects.get()
    told = client.post(reverse("stock:approve_count", args=[made.pk]), **HTMX)
    assert told.status_code == 403 and on_hand(level) == 100
    client.post(reverse("stock:refuse_count", args=[made.pk]), **HTMX)
    assert not PendingCount.objects.filter(approved=None).exists()


def test_a_viewer_sees_them_and_decides_nothing(
    viewer: Client, level: Level, mara: User
) -> None:
    made = waits(level, mara)
    assert ">Approve<" not in viewer.get(reverse("stock:levels")).text
    there = reverse("stock:approve_count", args=[made.pk])
    assert viewer.post(there, **HTMX).status_code == 403


@pytest.mark.parametrize("levels", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    viewer: Client,
    mara: User,
    levels: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(levels):
        waits(make.level(make.sku(), units=100), mara)
    with django_assert_num_queries(6):
        viewer.get(reverse("stock:pending"), **HTMX)


def test_a_count_of_a_level_that_changed_says_what_each_reader_can_do(
    client: Client, level: Level, mara: User
) -> None:
    waits(level, mara)
    count(level, 120, make.user("operator"))
    told = {}
    for who in (mara, make.user("operator"), make.user("approver")):
        client.force_login(who)
        told[who.pk] = client.get(reverse("stock:pending"), **HTMX).text
    mine, others, approvers = told.values()
    assert "take it back and count again" in mine
    assert "refuse it and have it counted again" in others
    assert "ask somebody who may edit stock to refuse it" in approvers
    assert "<del>100</del>" in mine and "<ins>500</ins>" in mine
    assert "now 120" in mine


def test_what_a_level_said_before_was_not_kept_is_unknown_and_not_zero(
    viewer: Client, level: Level, mara: User
) -> None:
    waits(level, mara)
    PendingCount.objects.update(was_on_hand=None, was_committed=None, was_buffer=None)
    page = viewer.get(reverse("stock:pending"), **HTMX).text
    assert page.count(">unknown<") == 3 and "<del>" not in page
    assert "<ins>500</ins>" in page and "now 100" in page
