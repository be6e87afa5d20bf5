"""Where a draft may stand, and dropping it there."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import move
from console.campaigns.queries import readiness
from console.campaigns.queries.placing import Placing, placing, shape_of, soonest
from console.campaigns.rules import (
    NotAllowedYet,
    StaleEdit,
    WindowPassed,
    WrongState,
)
from console.fatigue.models import Audience
from tests import make
from tests.campaigns.test_conflicts import sharing
from tests.campaigns.test_markets import market
from tests.make import NOW

HTMX = {"HX-Request": "true"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)
FIRST = date(2026, 12, 1)


local = datetime.fromisoformat
"""A time on the wall clock."""


@pytest.fixture
def everyone() -> Audience:
    """An audience with a sale on 10 December and a week of rest."""
    people = make.audience("Everyone", min_gap_days=7, zone="Europe/Berlin")
    opens = datetime(2026, 12, 10, 12, tzinfo=NOW.tzinfo)
    make.armed(of=people, name="Trail Shoes", opens_at=opens)
    return people


def draft(of: Audience, **terms: object) -> Campaign:
    said = {"zone": "Europe/Berlin", "opens_local": local("2026-12-01T20:00")}
    return make.campaign(
        of=of, **(said | {"closes_local": local("2026-12-01T22:00")} | terms)
    )


def judged(one: Campaign, days: int = 31, lasts: timedelta | None = None) -> Placing:
    shape = shape_of(one, lasts)
    return placing(one, shape, first=FIRST, days=days, now=NOW)


def on(one: Campaign, day: date) -> Campaign:
    """The draft saved on another day, as its form saves it."""
    opens = datetime.combine(day, time(20))
    said = {name: getattr(one, name) for name in campaigns.Terms.__dataclass_fields__}
    window = {"opens_local": opens, "closes_local": opens + timedelta(hours=2)}
    return campaigns.edit(
        one.code,
        terms=campaigns.Terms(**(said | window)),
        version=Campaign.objects.get(pk=one.pk).version,
        actor=one.author,
        now=NOW,
    )


@pytest.mark.parametrize("mode", ["instant", "rolling"])
def test_each_day_says_what_the_verdict_of_that_day_says(
    everyone: Audience, mode: str
) -> None:
    """All of the verdict that depends on the date: freezes, owners, fatigue."""
    market("DE"), market("US", zone="America/Los_Angeles")
    one = draft(everyone, start_mode=mode)
    hour = datetime(2026, 12, 20, 19, tzinfo=NOW.tzinfo)
    for days, hours in ((-18, 0), (-8, 0), (3, 5), (5, 10)):
        owning(one, opens_at=hour + days * DAY + timedelta(hours=hours))
    for start in (hour, hour + 11 * timedelta(hours=1)):
        campaigns.freeze(
            "ERP migration", starts_at=start, ends_at=start + timedelta(hours=5),
            actor=make.user("operator"), now=NOW,
        )  # fmt: skip
    wanted = {
        day.on: tuple(
            check.text for check in readiness.verdict(on(one, day.on), now=NOW).blockers
        )
        for day in judged(one).days
    }
    one.refresh_from_db()
    assert {day.on: day.why for day in judged(one).days} == wanted
    assert [d.v for d in judged(one).days] == [
        "no" if w else "ok" for w in wanted.values()
    ]
    assert {len(why) for why in wanted.values()} >= {0, 1, 2}


def owning(one: Campaign, **terms: object) -> Campaign:
    """An armed sale of other people with the same SKUs."""
    other = sharing(one, **terms)
    sent = campaigns.submit(other.code, actor=other.author, now=NOW)
    return campaigns.approve(
        other.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )


def test_a_week_around_another_sale_is_forbidden(everyone: Audience) -> None:
    found = judged(draft(everyone))
    assert [day.on.day for day in found.days if day.v == "no"] == list(range(4, 17))
    why = next(day.why for day in found.days if day.v == "no")
    assert "Trail Shoes" in why[0]


def test_a_longer_sale_needs_an_earlier_start(everyone: Audience) -> None:
    found = judged(draft(everyone), lasts=timedelta(days=2))
    assert next(day.on.day for day in found.days if day.v == "no") == 2


def test_days_over_and_times_that_do_not_exist_say_so(everyone: Audience) -> None:
    night = local("2027-03-01T02:30")
    one = draft(everyone, opens_local=night, closes_local=night + timedelta(hours=1))
    shape = shape_of(one)
    found = placing(one, shape, first=date(2027, 3, 28), days=1, now=NOW)
    assert found.days[0].v == "no"
    assert "does not exist" in found.days[0].why[0]
    past = placing(one, shape, first=date(2026, 11, 1), days=2, now=NOW)
    assert [day.v for day in past.days] == ["past", "past"]


def test_the_day_after_the_last_shown_is_found_at_the_same_time(
    everyone: Audience,
) -> None:
    found = judged(draft(everyone), days=9)
    assert found.after == date(2026, 12, 17)


def test_a_draft_without_a_date_starts_in_the_evening(everyone: Audience) -> None:
    one = make.campaign(of=everyone, opens_local=None, closes_local=None)
    assert judged(one).told()["opens"] == "20:00:00"
    assert judged(one).told()["lasts_s"] == 7200


def moved_to(one: Campaign, day: datetime | None, **said: object) -> Campaign:
    values = {
        "opens_local": day,
        "closes_local": day + timedelta(hours=2) if day else None,
        "version": one.version,
        "actor": one.author,
        "now": NOW,
    }
    return move(one.code, **(values | said))  # type: ignore[arg-type]


def test_move_sets_the_window_and_nothing_else(everyone: Audience) -> None:
    one = draft(everyone)
    moved = moved_to(one, local("2026-12-20T20:00"))
    assert moved.opens_at == datetime(2026, 12, 20, 19, tzinfo=NOW.tzinfo)
    assert (moved.name, moved.version) == (one.name, one.version + 1)
    assert moved_to(moved, None).opens_at is None


def test_move_refuses_a_day_a_policy_forbids(everyone: Audience) -> None:
    one = draft(everyone)
    with pytest.raises(NotAllowedYet, match=r"rest is 7 d.*Choose a day"):
        moved_to(one, local("2026-12-12T20:00"))
    one.refresh_from_db()
    assert one.opens_local == local("2026-12-01T20:00")


def test_move_refuses_the_past_and_what_is_no_draft(everyone: Audience) -> None:
    one = draft(everyone)
    with pytest.raises(WindowPassed):
        moved_to(one, local("2026-11-02T20:00"))
    with pytest.raises(StaleEdit):
        moved_to(one, local("2026-12-20T20:00"), version=one.version + 1)
    held = Campaign.objects.exclude(pk=one.pk).get()
    with pytest.raises(WrongState, match="Take it back"):
        moved_to(held, local("2026-12-20T20:00"))


def test_the_toast_offers_to_take_a_move_back(
    merchant: Client, everyone: Audience
) -> None:
    one = draft(everyone)
    url = reverse("campaigns:move", args=[one.code])
    said = {"opens": "2026-12-20T20:00:00", "closes": "2026-12-20T22:00:00"}
    htmx = {"HX-Request": "true"}
    reply = merchant.post(url, said | {"version": one.version}, headers=htmx)
    undo = urlsplit(json.loads(reply["HX-Trigger"])["toast"]["undo"])
    assert undo.path == url
    assert parse_qs(undo.query)["opens"] == ["2026-12-01 20:00:00"]
    merchant.post(f"{url}?{undo.query}", headers=htmx)
    one.refresh_from_db()
    assert one.opens_local == local("2026-12-01T20:00")


def test_the_toast_leads_to_a_month_that_is_not_shown(
    merchant: Client, everyone: Audience
) -> None:
    one = draft(everyone)
    url = reverse("campaigns:move", args=[one.code])
    said = {"opens": "2026-12-20T20:00:00", "closes": "2026-12-20T22:00:00"}

    def link(seen: str, **said: str) -> list[str] | None:
        one.refresh_from_db()
        page = f"http://testserver/calendar/{seen}"
        asked = {"HX-Request": "true", "HX-Current-URL": page}
        reply = merchant.post(url, said | {"version": one.version}, headers=asked)
        toast: dict[str, list[str] | None] = json.loads(reply["HX-Trigger"])["toast"]
        return toast["link"]

    there = ["Show in December", "/calendar/?at=2026-12-20"]
    assert link("", **said) == there
    assert link("?at=2026-12-01", **said) is None
    assert link("?at=2026-11-01&zoom=quarter", **said) is None
    assert link("?at=nonsense", **said) == there
    later = {"opens": "2027-01-20T20:00:00", "closes": "2027-01-20T22:00:00"}
    assert link("", **later) == ["Show in January 2027", "/calendar/?at=2027-01-20"]
    assert link("") is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"days": "9"}, "first"),
        ({"first": "2026-12-01", "days": "0"}, "days"),
        ({"first": "2026-12-01", "days": "401"}, "days"),
        ({"first": "9999-12-01", "days": "9"}, "first"),
        ({"first": "2026-12-01", "days": "9", "lasts_s": "1"}, "lasts_s"),
    ],
)
def test_a_request_for_days_that_cannot_be_is_refused(
    merchant: Client, everyone: Audience, asked: dict[str, str], field: str
) -> None:
    url = reverse("campaigns:place", args=[draft(everyone).code])
    reply = merchant.get(url, asked, headers={"Accept": "application/json"})
    assert reply.status_code == 422
    assert reply.json()["field"] == field


def test_a_draft_without_a_date_says_the_earliest_day(
    everyone: Audience, merchant: Client
) -> None:
    make.armed(of=everyone, name="Boots", opens_at=NOW + 5 * DAY)
    one = draft(everyone, opens_local=None, closes_local=None)
    tomorrow = (NOW + DAY).date()
    days = placing(one, shape_of(one), first=tomorrow, days=60, now=NOW).days
    found = soonest(one, now=NOW)
    assert found and found == next(day.on for day in days if day.v == "ok") > tomorrow
    page = merchant.get(reverse("campaigns:soon", args=[one.code]), headers=HTMX).text
    assert f"{found:%a} {found.day} {found:%b}" in page


def test_the_earliest_day_is_not_a_frozen_one(everyone: Audience) -> None:
    one = draft(everyone, opens_local=None, closes_local=None)
    free = soonest(one, now=NOW)
    assert free
    start = datetime.combine(free, time(), NOW.tzinfo)
    campaigns.freeze(
        "ERP migration", starts_at=start, ends_at=start + 2 * DAY,
        actor=make.user("operator"), now=NOW,
    )  # fmt: skip
    later = soonest(one, now=NOW)
    assert later and later > free


def test_a_draft_that_no_day_suits_says_so(merchant: Client) -> None:
    people = make.audience("Everyone", min_depth_percent=90)
    one = draft(people, opens_local=None, closes_local=None)
    page = merchant.get(reverse("campaigns:soon", args=[one.code]), headers=HTMX).text
    assert "None" in page
