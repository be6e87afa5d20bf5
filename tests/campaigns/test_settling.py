"""Settling what two campaigns want at once: leave, take over, move."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Way
from console.campaigns.operations.clashes import NoConflict
from console.campaigns.queries import conflicts
from console.campaigns.rules import WrongState
from tests import make
from tests.campaigns.test_conflicts import DAY, make_armed, sharing
from tests.make import NOW


@pytest.mark.django_db
def test_excluding_leaves_the_shared_products_to_the_other() -> None:
    one = make.campaign(lines=2)
    other = make_armed(sharing(one))
    make.line(one, author=one.author)
    settle(one, other, Way.EXCLUDE)
    assert one.lines.count() == 1
    assert conflicts.of(one) == []
    with pytest.raises(NoConflict):
        settle(one, other, Way.EXCLUDE)


def settle(one: Campaign, other: Campaign, way: Way) -> Campaign:
    return campaigns.settle(one.code, other.code, way, actor=one.author, now=NOW)


@pytest.mark.django_db
def test_taking_over_takes_them_from_another_draft_only() -> None:
    one = make.campaign()
    other = sharing(one)
    settle(one, other, Way.TAKE_OVER)
    assert (one.lines.count(), other.lines.count()) == (1, 0)
    third = make_armed(sharing(one))
    with pytest.raises(WrongState, match=f"{third.code} is armed"):
        settle(one, third, Way.TAKE_OVER)
    assert third.lines.count() == 1


@pytest.mark.django_db
def test_moving_goes_behind_the_other_at_the_same_time_of_day() -> None:
    one = make.campaign(hours=2)
    other = make_armed(sharing(one, hours=30))
    moved = settle(one, other, Way.MOVE)
    assert moved.opens_at and one.opens_at and other.closes_at
    assert moved.opens_at == one.opens_at + 2 * DAY
    assert moved.opens_at >= other.closes_at > moved.opens_at - DAY
    assert conflicts.of(moved) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_one_click_on_the_plan_settles_a_conflict(merchant: Client) -> None:
    one = make.campaign()
    other = make_armed(sharing(one))
    page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
    assert f"Leave to {other.code}" in page
    assert "Take over" not in page
    url = reverse("campaigns:settle", args=[one.code])
    htmx = {"HX-Request": "true"}
    said = {"other": other.code, "way": "exclude"}
    assert merchant.post(url, said, headers=htmx).status_code == 204
    there = reverse("campaigns:conflicts", args=[one.code])
    assert "hidden" in merchant.get(there, headers=htmx).text
    assert merchant.post(url, {"way": "smile"}).status_code == 422


@pytest.mark.django_db
def test_conflicts_opened_by_themselves_lead_to_the_plan(merchant: Client) -> None:
    one = make.campaign()
    reply = merchant.get(reverse("campaigns:conflicts", args=[one.code]))
    assert reply.url == reverse("campaigns:plan", args=[one.code])


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_a_plan_moved_by_one_click_is_shown_anew_with_its_new_start(
    merchant: Client,
) -> None:
    one = make.campaign()
    other = make_armed(sharing(one))
    url = reverse("campaigns:settle", args=[one.code])
    said = {"other": other.code, "way": "move"}
    reply = merchant.post(url, said, headers={"HX-Request": "true"})
    assert reply["HX-Redirect"] == reverse("campaigns:plan", args=[one.code])
