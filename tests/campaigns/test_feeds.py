"""Lanes as feeds for other calendars: parsed back, closed to whoever lost access."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from console.campaigns import feeds
from console.fatigue.rules import Kind, Scope
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

EVERYONE = Scope(Kind.AUDIENCE, "everyone")


def read(client: Client, token: str) -> list[dict[str, object]]:
    reply = client.get(reverse("campaigns:feed", args=[token]))
    assert reply["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(reply.content)
    return [
        {"summary": str(e["summary"]), "status": str(e["status"]),
         "start": e.decoded("dtstart"), "end": e.decoded("dtend")}
        for e in calendar.walk("VEVENT")
    ]  # fmt: skip


def test_a_feed_tells_the_sales_of_its_lane_only(client: Client) -> None:
    everyone, members = make.audience("Everyone"), make.audience("Members")
    make.armed(of=everyone, name="Boots, warm; dry")
    make.campaign(of=everyone, name="Lamps", opens_at=NOW + timedelta(days=9))
    make.campaign(of=members, name="Hats")
    events = read(client, feeds.token(make.user("viewer"), EVERYONE))
    assert [(event["summary"], event["status"]) for event in events] == [
        ("Boots, warm; dry", "CONFIRMED"),
        ("Lamps", "TENTATIVE"),
    ]


def test_a_feed_is_right_over_a_change_of_clocks(client: Client) -> None:
    opens = datetime.fromisoformat("2027-03-27T23:00")
    make.campaign(
        of=make.audience("Everyone"), zone="Europe/Berlin",
        opens_local=opens, closes_local=opens + timedelta(hours=6),
    )  # fmt: skip
    event = read(client, feeds.token(make.user("viewer"), EVERYONE))[0]
    assert event["start"] == datetime(2027, 3, 27, 22, tzinfo=UTC)
    assert event["end"] == datetime(2027, 3, 28, 3, tzinfo=UTC)


@pytest.mark.parametrize("change", ["password", "left", "role", "forged"])
def test_a_feed_closes_with_its_owners_access(client: Client, change: str) -> None:
    owner = make.user("viewer")
    token = feeds.token(owner, EVERYONE)
    if change == "password":
        owner.set_password("a new one entirely")
    elif change == "left":
        owner.is_active = False
    elif change == "role":
        owner.groups.clear()
    else:
        token = token[:-2] + "xx"
    owner.save()
    reply = client.get(reverse("campaigns:feed", args=[token]))
    assert reply.status_code == 410
    assert b"Copy a new one" in reply.content


def test_an_unchanged_feed_is_not_sent_twice(client: Client) -> None:
    make.campaign(of=make.audience("Everyone"))
    url = reverse("campaigns:feed", args=[feeds.token(make.user("viewer"), EVERYONE)])
    tag = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_the_dialog_gives_each_lane_an_address_that_opens(client: Client) -> None:
    make.armed(of=make.audience("Everyone"), category="Boots")
    client.force_login(make.user("viewer"))
    page = client.get(reverse("campaigns:subscribe")).text
    address = re.search(r'value="http://testserver([^"]+)"', page)
    assert address
    assert Client().get(address[1]).status_code == 200
