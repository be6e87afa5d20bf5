"""What programs look at before and after they act: nothing of it changes anything."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import lost
from console.fatigue.models import Audience, ContactFile
from console.stock.models import Sku
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check
from tests.campaigns.test_later import black_friday, early, people
from tests.make import NOW

__all__ = ["black_friday", "people"]
pytestmark = pytest.mark.django_db


def boots(*codes: str) -> None:
    for code in codes:
        make.level(make.sku(code, category="Boots", brand="Hogni"))
        make.prices.note(code, Decimal(100), from_at=NOW - timedelta(days=60))


def filled(who: Caller, code: str, name: str = "Boots", **other: Any) -> Any:
    said = {"kind": "category", "name": name, "method": "percent_off_regular"}
    said |= {"value": "30", "units": 5} | other
    return check(who.post(f"/campaigns/{code}/fill", said))


def test_a_sale_is_read_as_of_any_instant(merchant: Caller) -> None:
    one = make.armed(lines=2)
    assert one.opens_at and one.closes_at
    path = f"/campaigns/{one.code}/as-of"
    first = check(merchant.get(path))
    assert (first["phase"], first["lines"]["count"]) == ("live", 2)
    line = first["lines"]["items"][0]
    assert (line["price"], line["sale"], line["left"]) == ("70.00", one.code, None)
    assert (line["claim"]["percent"], line["claim"]["strike"]) == (30, "100.00")
    assert line["claim"]["badge"] == "−30%"
    at = quote((one.opens_at - timedelta(hours=1)).isoformat())
    before = check(merchant.get(f"{path}?at={at}"))
    line = before["lines"]["items"][0]
    assert (before["phase"], line["price"], line["claim"]) == ("before", "100.00", None)
    over = check(merchant.get(f"{path}?at={quote(one.closes_at.isoformat())}"))
    assert over["phase"] == "over"


def test_a_draft_without_a_start_asks_for_the_instant(merchant: Caller) -> None:
    code = make.campaign().code
    Campaign.objects.update(
        opens_at=None, closes_at=None, opens_local=None, closes_local=None
    )
    reply = merchant.get(f"/campaigns/{code}/as-of")
    assert (reply.status_code, check(reply)["field"]) == (422, "at")
    local = merchant.get(f"/campaigns/{code}/as-of?at=2026-11-27T20:00:00")
    assert (local.status_code, check(local)["field"]) == (422, "at")
    assert check(merchant.get(f"/campaigns/{code}/as-of?at={quote(NOW.isoformat())}"))


@pytest.mark.parametrize("year", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_time_are_instants_too(merchant: Caller, year: str) -> None:
    code = make.armed().code
    for offset in ("+14:00", "-14:00"):
        at = quote(f"{year}T12:00:00{offset}")
        assert merchant.get(f"/campaigns/{code}/as-of?at={at}").status_code < 500


def test_what_moved_since_the_approval_is_listed(merchant: Caller) -> None:
    boots("B-1", "B-2")
    plan = make.campaign(lines=0)
    filled(merchant, plan.code)
    path = f"/campaigns/{plan.code}/drift"
    assert check(merchant.get(path)) == {"filters": [], "prices": 0, "repriced": []}
    sent = campaigns.submit(plan.code, actor=plan.author, now=NOW)
    campaigns.approve(
        plan.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )
    boots("B-3")
    Sku.objects.filter(code="B-1").update(regular_price=Decimal(120))
    found = check(merchant.get(path))
    (joined,) = found["filters"]
    assert (joined["title"], joined["joined"], joined["skus"]) == ("Boots", 1, ["B-3"])
    (moved,) = found["repriced"]
    assert found["prices"] == 1
    assert (moved["sku"], moved["approved"], moved["now"]) == (
        "B-1", "100.00", "120.00",
    )  # fmt: skip


def test_prices_are_tried_before_they_are_set(merchant: Caller) -> None:
    plan = make.campaign(lines=2)
    trail = Entry.objects.count()
    path = f"/campaigns/{plan.code}/lines/price"
    said = {"method": "percent_off_regular", "value": "40"}
    tried = check(merchant.post(f"{path}/preview", said))
    assert [
        (one["before"], one["after"], one["percent"]) for one in tried["items"]
    ] == [("70.00", "60.00", 40)] * 2
    assert {str(line.sale_price) for line in plan.lines.all()} == {"70.000"}
    assert Entry.objects.count() == trail
    one = tried["items"][0]["id"]
    only = check(merchant.post(f"{path}/preview", said | {"lines": [one]}))
    assert [row["id"] for row in only["items"]] == [one]
    assert check(merchant.post(path, said))["count"] == 2
    assert {str(line.sale_price) for line in plan.lines.all()} == {"60.000"}


def test_a_price_that_cannot_be_says_why_in_the_preview(merchant: Caller) -> None:
    plan = make.campaign()
    said = {"method": "fixed", "value": "100"}
    path = f"/campaigns/{plan.code}/lines/price/preview"
    (row,) = check(merchant.post(path, said))["items"]
    assert row["after"] is None and "below the list price" in row["why"]


def test_a_fill_tells_what_it_kept_repriced_and_left_out(merchant: Caller) -> None:
    boots("B-1", "B-2")
    plan = make.campaign(lines=0)
    line = {"sku": "B-1", "sale_price": "90.00", "units": 3}
    check(merchant.post(f"/campaigns/{plan.code}/lines", line))
    done = filled(merchant, plan.code)
    assert (done["count"], done["repriced"]) == (1, 0)
    assert done["kept"] == [
        {"sku": "B-1", "price": "90.00", "source": "item", "item": True}
    ]
    lower = filled(merchant, plan.code, "Hogni", kind="brand", value="40")
    assert (lower["count"], lower["repriced"]) == (0, 1)
    bad = filled(
        merchant, plan.code, "Hogni", kind="brand", method="fixed", value="100"
    )
    assert {one["sku"] for one in bad["left_out"]} == {"B-1", "B-2"}


def test_sources_and_undo_are_found_by_their_ids(merchant: Caller) -> None:
    boots("B-1")
    code = make.campaign(lines=0).code
    assert check(merchant.get(f"/campaigns/{code}/sources")) == []
    assert check(merchant.get(f"/campaigns/{code}/undo")) == []
    filled(merchant, code)
    (one,) = check(merchant.get(f"/campaigns/{code}/sources"))
    assert (one["name"], one["kind"], one["value"]) == ("Boots", "category", "30.00")
    (last,) = check(merchant.get(f"/campaigns/{code}/undo"))
    assert (last["what"], last["by"]) == ("Filled from Boots", "aino")
    told = check(merchant.post(f"/campaigns/{code}/undo/{last['id']}"))
    assert told["what"] == "Filled from Boots"
    assert check(merchant.get(f"/campaigns/{code}/lines"))["items"] == []
    gone = merchant.send("DELETE", f"/campaigns/{code}/sources/{one['id']}")
    assert gone.status_code == 200
    assert check(merchant.get(f"/campaigns/{code}/sources")) == []


def test_what_a_sale_waits_for_is_listed(merchant: Caller) -> None:
    one, other = make.campaign().code, make.campaign().code
    assert check(merchant.get(f"/campaigns/{one}/wait")) == []
    sent = check(merchant.post(f"/campaigns/{one}/wait", {"on": other}))
    assert check(merchant.get(f"/campaigns/{one}/wait")) == sent
    assert sent[0]["code"] == other and "is draft" in sent[0]["why"]


def test_the_log_tells_decisions_in_words(merchant: Caller) -> None:
    code = make.campaign().code
    merchant.post(f"/campaigns/{code}/decisions", {"text": "We sell it anyway"})
    (one,) = check(merchant.get(f"/campaigns/{code}/log"))
    assert (one["what"], one["by"], one["reason"]) == (
        "Decided", "aino", "We sell it anyway",
    )  # fmt: skip


def test_the_use_of_each_budget_is_told(merchant: Caller) -> None:
    code = make.campaign().code
    path = f"/campaigns/{code}/budget"
    assert check(merchant.get(path)) == []
    Campaign.objects.update(budget_units=10, budget_gmv=Decimal("99.5"))
    units, gmv = check(merchant.get(path))
    assert (units["key"], units["used"], units["limit"], units["left"]) == (
        "units", "0", "10", "10",
    )  # fmt: skip
    assert (gmv["key"], gmv["limit"], gmv["tone"]) == ("gmv", "99.50", "ok")


def test_each_day_of_a_lane_has_its_heat(merchant: Caller) -> None:
    make.armed()
    (lane,) = check(merchant.get("/calendar?zoom=month"))["lanes"]
    days = [one["on"] for one in lane["heat"]]
    assert len(days) >= 28 and days == sorted(set(days))
    assert {one["days"] for one in lane["heat"]} == {1}
    assert max(one["score"] for one in lane["heat"]) > 0
    (lane,) = check(merchant.get("/calendar?zoom=quarter"))["lanes"]
    assert {one["days"] for one in lane["heat"]} == {7}


def test_lost_claims_are_told_when_asked(
    merchant: Caller, people: Audience, black_friday: Campaign
) -> None:
    early(people, days=13)
    plain = check(merchant.get("/calendar?zoom=quarter"))
    assert plain["lost"] is None
    assert {one["lost"] for one in plain["lanes"][0]["sales"]} == {None}
    asked = check(merchant.get("/calendar?zoom=quarter&claims=true"))
    (loss,) = asked["lost"]
    assert (loss["code"], loss["before"], loss["after"]) == (black_friday.code, 40, 14)
    told = {one["code"]: one["lost"] for one in asked["lanes"][0]["sales"]}
    assert told.pop(black_friday.code) == "claim 40% → 14%"
    assert set(told.values()) == {""}


def test_of_too_many_lines_no_sale_says_what_it_loses(
    merchant: Caller,
    people: Audience,
    black_friday: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    early(people, days=13)
    monkeypatch.setattr(lost, "MOST_LINES", 1)
    asked = check(merchant.get("/calendar?zoom=quarter&claims=true"))
    assert asked["lost"] is None
    assert {one["lost"] for one in asked["lanes"][0]["sales"]} == {None}


@pytest.mark.parametrize(
    "path,field",
    [
        ("/calendar?zoom=year&at={day}", "at"),
        ("/campaigns/{code}/days?first={day}", "first"),
        ("/campaigns/{code}/as-of?at={day}T00:00:00Z", "at"),
        ("/campaigns/{code}/ahead?opens={day}T10:00&closes={day}T12:00", "opens_local"),
    ],
)
@pytest.mark.parametrize("day", ["0001-01-01", "2399-01-01", "9999-12-31"])
def test_a_year_no_calendar_shows_is_refused(
    merchant: Caller, path: str, field: str, day: str
) -> None:
    code = make.armed().code
    reply = merchant.get(path.format(code=code, day=day))
    told = check(reply)
    assert (reply.status_code, told["field"]) == (422, field)
    assert "between 1971 and 2398" in told["detail"]


@pytest.mark.parametrize("day", ["1971-01-01", "2398-12-31"])
def test_the_first_and_the_last_day_of_the_calendar_are_shown(
    merchant: Caller, day: str
) -> None:
    code = make.campaign().code
    for zoom in ("month", "quarter", "year"):
        check(merchant.get(f"/calendar?zoom={zoom}&at={day}"))
    assert len(check(merchant.get(f"/campaigns/{code}/days?first={day}"))["days"]) == 31


def test_files_of_contacts_are_watched(merchant: Caller) -> None:
    everyone = make.audience("Everyone")
    sheet = f"customer,audience,channel,day\nc1,{everyone.slug},email,2026-11-01\n"
    file = SimpleUploadedFile("told.csv", sheet.encode())
    check(merchant.upload("/fatigue/audiences/contacts", file=file))
    (one,) = check(merchant.get("/fatigue/audiences/contacts"))
    held = ContactFile.objects.get()
    assert (one["name"], one["total"], one["state"]) == ("told.csv", 1, held.state)
    (known,) = check(merchant.get("/fatigue/audiences/known"))
    assert (known["slug"], known["factor"]) == (everyone.slug, 1.0)


@pytest.mark.parametrize("path", ["as-of", "drift", "sources", "undo", "wait", "log"])
def test_of_a_campaign_that_is_not_there_nothing_is_told(
    merchant: Caller, path: str
) -> None:
    reply = merchant.get(f"/campaigns/NOPE/{path}")
    assert (reply.status_code, check(reply)["code"]) == (404, "unknown_campaign")
