"""Dates whose clocks or markets changed since they were saved, resolved again."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.rules import (
    Incomplete,
    StartMode,
    State,
    TimeDoesNotExist,
    WrongState,
)
from console.people.models import Scope
from console.people.rules import OutOfScope
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HOUR = timedelta(hours=1)
ZONE = "Asia/Almaty"
SHIFTED = "Clocks or markets changed, and with them its start. Resolve its dates again"
HTMX = {"HX-Request": "true"}
Clocks = Callable[[str], None]


@pytest.fixture
def clocks(tmp_path: Path) -> Iterator[Clocks]:
    """Installs time zone data in which Almaty has the clocks of another city.

    In 2024 Kazakhstan went from UTC+6 to UTC+5 with six weeks' notice.
    """
    there = tmp_path / ZONE
    there.parent.mkdir()
    known = zoneinfo.TZPATH

    def install(city: str) -> None:
        shutil.copy(Path(tzdata.__file__).parent / "zoneinfo" / city, there)
        zoneinfo.reset_tzpath([str(tmp_path), *known])
        ZoneInfo.clear_cache(only_keys=[ZONE])

    yield install
    zoneinfo.reset_tzpath(known)
    ZoneInfo.clear_cache(only_keys=[ZONE])


def planned(made: Callable[..., Campaign] = make.campaign, **terms: object) -> Campaign:
    """A sale from eight to ten in the evening in Almaty, at one instant everywhere."""
    evening = datetime.fromisoformat("2026-12-01T20:00")
    said = {"zone": ZONE, "opens_local": evening, "closes_local": evening + 2 * HOUR}
    return made(**(said | terms))


def where(one: Campaign) -> list[str]:
    told = readiness.verdict(one, now=NOW).sections
    return [check.text for s in told if s.key == "where" for check in s.checks]


def resolve(one: Campaign) -> Campaign:
    return campaigns.resolve(one.code, actor=one.author, now=NOW)


def test_a_sale_keeps_its_wall_clock_where_the_zone_changed(clocks: Clocks) -> None:
    clocks("Asia/Dhaka")
    one = planned()
    old = one.opens_at
    assert old and old.hour == 14
    clocks("Asia/Tashkent")
    assert where(one) == [SHIFTED]
    found = resolve(one)
    assert (found.opens_at, found.version) == (old + HOUR, one.version + 1)
    assert found.opens_local == one.opens_local
    assert where(found) == []
    said = Entry.objects.get(verb="campaign.resolve")
    assert said.before == {
        "opens_at": "2026-12-01T14:00:00+00:00",
        "closes_at": "2026-12-01T16:00:00+00:00",
    }
    assert said.after == {
        "opens_at": "2026-12-01T15:00:00+00:00",
        "closes_at": "2026-12-01T17:00:00+00:00",
    }
    assert said.actor == one.author


def test_dates_that_hold_are_left_alone() -> None:
    one = planned()
    assert resolve(one).version == one.version
    assert not Entry.objects.filter(verb="campaign.resolve").exists()


def test_a_market_that_moved_to_another_zone_is_resolved_too() -> None:
    market("DE")
    one = make.campaign(start_mode=StartMode.ROLLING)
    market("DE", zone="Europe/Dublin")
    assert where(one) == [SHIFTED]
    found = resolve(one)
    assert found.opens_at and one.opens_at
    assert found.opens_at - one.opens_at == HOUR
    assert where(found) == []


def test_an_armed_plan_becomes_a_draft_and_gives_its_stock_back(
    clocks: Clocks,
) -> None:
    clocks("Asia/Dhaka")
    one = planned(make.armed)
    clocks("Asia/Tashkent")
    assert campaigns.recheck(one.code, now=NOW).suspended_why == SHIFTED
    found = resolve(one)
    found.refresh_from_db()
    assert (found.state, found.content_hash, found.suspended_at) == (
        State.DRAFT, "", None,
    )  # fmt: skip
    assert found.owned.count() == 0
    again = campaigns.submit(found.code, actor=found.author, now=NOW)
    armed = campaigns.approve(
        again.code, content_hash=again.content_hash, actor=make.user("approver"),
        now=NOW,
    )  # fmt: skip
    assert armed.state == State.ARMED


def test_what_is_at_work_or_has_no_date_is_refused(clocks: Clocks) -> None:
    clocks("Asia/Dhaka")
    live = planned(make.armed)
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(live.code, actor=None, now=live.opens_at or NOW)
    clocks("Asia/Tashkent")
    with pytest.raises(WrongState):
        resolve(live)
    assert Campaign.objects.get(pk=live.pk).opens_at == live.opens_at
    with pytest.raises(Incomplete):
        resolve(make.campaign(opens_local=None, closes_local=None))


def test_a_time_the_new_clocks_jump_over_is_refused(clocks: Clocks) -> None:
    clocks("Asia/Dhaka")
    night = datetime.fromisoformat("2027-03-28T02:30")
    one = planned(opens_local=night, closes_local=night + 2 * HOUR)
    clocks("Europe/Berlin")
    assert where(one) == [SHIFTED]
    with pytest.raises(TimeDoesNotExist):
        resolve(one)


def test_who_is_limited_to_other_markets_does_not_resolve_it(clocks: Clocks) -> None:
    clocks("Asia/Dhaka")
    market("DE")
    one = planned(markets=["DE"])
    clocks("Asia/Tashkent")
    aino = make.user("merchandiser")
    Scope.objects.create(user=aino, markets=["FR"])
    with pytest.raises(OutOfScope):
        campaigns.resolve(one.code, actor=aino, now=NOW)


def test_the_verdict_has_a_button_for_who_may_edit(
    client: Client, clocks: Clocks
) -> None:
    clocks("Asia/Dhaka")
    one = planned()
    clocks("Asia/Tashkent")
    url = reverse("campaigns:resolve", args=[one.code])
    page = reverse("campaigns:plan", args=[one.code])
    client.force_login(make.user("viewer"))
    assert SHIFTED in client.get(page).text
    assert url not in client.get(page).text
    assert client.post(url, headers=HTMX).status_code == 403
    client.force_login(one.author)
    assert url in client.get(page).text
    assert client.post(url)["Location"] == page
    shown = client.get(page).text
    assert SHIFTED not in shown
    assert "it starts Tue 1 Dec, 20:00" in shown
    assert "its dates hold" in client.post(url, follow=True).text


def test_a_program_reads_the_way_out_and_takes_it(
    client: Client, clocks: Clocks
) -> None:
    clocks("Asia/Dhaka")
    one = planned()
    clocks("Asia/Tashkent")
    client.force_login(one.author)
    path = f"/api/v1/campaigns/{one.code}"
    told = client.get(f"{path}/verdict").json()["sections"]
    (fix,) = {c["fix"] for s in told for c in s["checks"] if c["text"] == SHIFTED}
    reply = client.post(f"{path}/{fix}")
    assert reply.json()["opens_at"] == "2026-12-01T15:00:00Z"
    assert reply["ETag"]
