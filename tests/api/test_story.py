"""A sale planned, judged, approved, armed and called off by programs, each answer held
against the description.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile

from console.campaigns import tasks
from console.campaigns.models import Campaign, ImportJob
from console.prices import operations as prices
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def terms(who: Caller, **other: Any) -> dict[str, Any]:
    said = {
        "name": "Boots Doorbuster",
        "audience": make.audience().slug,
        "owner": who.owner.username,
        "on_call": who.owner.username,
        "zone": "UTC",
        "opens_local": "2026-11-28T20:00:00",
        "closes_local": "2026-11-28T22:00:00",
    }
    return said | other


def goods(code: str) -> None:
    sku = make.sku(code)
    make.level(sku)
    prices.note(code, Decimal(100), from_at=NOW - timedelta(days=60))


def begun(who: Caller, **other: Any) -> Any:
    made = check(who.post("/campaigns", terms(who, **other)))
    there = f"/campaigns/{made['code']}/people"
    version = check(who.get(there))["version"]
    people = {"contacts": [{"name": "Mara", "reach": "+49 30 1"}], "version": version}
    check(who.put(there, people))
    return made


def test_a_program_plans_and_another_approves(
    merchant: Caller, approver: Caller
) -> None:
    for code in ("A", "B"):
        goods(code)
    plan = begun(merchant)
    path = f"/campaigns/{plan['code']}"
    for code in ("A", "B"):
        line = {"sku": code, "sale_price": "70.00", "units": 10}
        check(merchant.post(f"{path}/lines", line))
    listed = check(merchant.get(f"{path}/lines"))
    assert [(one["sku"], one["percent"]) for one in listed["items"]] == [
        ("A", 30),
        ("B", 30),
    ]
    deep = {(one["off_list"], one["off_usual"]) for one in listed["items"]}
    assert deep == {(30, 30)}
    assert check(merchant.get(f"{path}/verdict"))["tone"] != "bad"
    sent = check(merchant.post(f"{path}/submit"))
    assert sent["state"] == "in_review"
    body = {"content_hash": sent["content_hash"]}
    own = merchant.post(f"{path}/approve", body)
    assert (own.status_code, check(own)["code"]) == (403, "not_allowed")
    armed = check(approver.post(f"{path}/approve", body))
    assert armed["state"] == "armed"
    told = check(approver.get(f"{path}/decisions"))
    assert [(one["kind"], one["by"]) for one in told] == [("approve", "ruth")]
    verbs = [one["verb"] for one in check(approver.get(f"{path}/activity"))["items"]]
    assert {"campaign.create", "campaign.submit", "campaign.approve"} <= set(verbs)


def test_four_eyes_hold_for_an_admin_with_a_token(still_clock: None) -> None:
    from tests.api.conftest import caller

    admin = caller("admin")
    plan = begun(admin)
    goods("A")
    path = f"/campaigns/{plan['code']}"
    admin.post(f"{path}/lines", {"sku": "A", "sale_price": "70", "units": 1})
    sent = check(admin.post(f"{path}/submit"))
    reply = admin.post(f"{path}/approve", {"content_hash": sent["content_hash"]})
    assert (reply.status_code, check(reply)["code"]) == (409, "author_cannot_approve")


def test_controls_of_a_running_sale(operator: Caller) -> None:
    armed = make.armed()
    path = f"/campaigns/{armed.code}"
    later = {"closes_local": "2026-11-28T03:00:00", "reason": "It sells well"}
    assert check(operator.post(f"{path}/extend", later))["closes_at"].startswith(
        "2026-11-28T03:00"
    )
    from console.campaigns import operations as campaigns

    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(armed.code, actor=None, now=NOW)
    assert check(operator.post(f"{path}/pause"))["state"] == "paused"
    assert check(operator.post(f"{path}/resume"))["state"] == "live"
    assert check(operator.post(f"{path}/end", {"reason": "Done"}))["state"] == "ending"


def test_abort_asks_why(operator: Caller) -> None:
    armed = make.armed()
    reply = operator.post(f"/campaigns/{armed.code}/abort", {})
    assert (reply.status_code, check(reply)["field"]) == (422, "reason")
    said = {"reason": "The boots are at sea"}
    assert check(operator.post(f"/campaigns/{armed.code}/abort", said))["state"] == (
        "aborted"
    )


def test_decisions_that_undo(merchant: Caller, approver: Caller) -> None:
    plan = make.submitted()
    path = f"/campaigns/{plan.code}"
    back = check(approver.post(f"{path}/reject", {"reason": "Too deep"}))
    assert back["state"] == "draft"
    copy = check(merchant.post(f"{path}/duplicate"))
    assert (copy["opens_local"], copy["state"]) == (None, "draft")
    gone = check(merchant.post(f"/campaigns/{copy['code']}/discard"))
    assert gone["state"] == "aborted"
    check(merchant.post(f"{path}/submit"))
    assert check(merchant.post(f"{path}/withdraw"))["state"] == "draft"
    armed = make.armed()
    held = approver.post(f"/campaigns/{armed.code}/arm")
    assert check(held)["code"] == "wrong_state"


def test_terms_change_by_the_version_that_was_read(merchant: Caller) -> None:
    plan = begun(merchant)
    path = f"/campaigns/{plan['code']}"
    read = merchant.get(path)
    etag = read["ETag"]
    assert etag == '"1"'
    saved = merchant.patch(path, {"name": "Coats"}, If_Match=etag)
    assert (check(saved)["name"], saved["ETag"]) == ("Coats", '"2"')
    assert check(saved)["audience"] == plan["audience"]
    stale = merchant.patch(path, {"name": "Hats"}, If_Match=etag)
    told = check(stale)
    assert (stale.status_code, told["code"]) == (409, "stale_edit")
    assert told["values"]["newer"] == {"name": "Coats"}
    blind = merchant.patch(path, {"name": "Hats"})
    assert (blind.status_code, check(blind)["code"]) == (428, "version_missing")


def test_a_null_clears_a_term(merchant: Caller) -> None:
    plan = begun(merchant, buyer_limit=3, revenue_target="1000.00")
    assert (plan["buyer_limit"], plan["revenue_target"]) == (3, "1000.00")
    path = f"/campaigns/{plan['code']}"
    said = {"buyer_limit": None, "opens_local": None, "closes_local": None}
    saved = check(merchant.patch(path, said | {"version": 1}))
    assert (saved["buyer_limit"], saved["opens_at"]) == (None, None)


@pytest.mark.parametrize(
    "wrong,field",
    [
        ({"colour": "red"}, "colour"),
        ({"audience": "nobody"}, "audience"),
        ({"owner": "nobody"}, "owner"),
        ({"occasion": "2026-11-27 Nothing"}, "occasion"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"closes_local": "2026-11-28T19:00:00"}, "closes_local"),
        ({"expected_orders_peak": 0}, "expected_orders_peak"),
        ({"expected_orders_peak": "many"}, "expected_orders_peak"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    merchant: Caller, wrong: dict[str, Any], field: str
) -> None:
    reply = merchant.post("/campaigns", terms(merchant) | wrong)
    told = check(reply)
    assert (reply.status_code, told["field"]) == (422, field)
    assert not Campaign.objects.exists()


def test_lines_one_by_one_and_many(merchant: Caller) -> None:
    plan = begun(merchant)
    goods("A")
    path = f"/campaigns/{plan['code']}/lines"
    added = merchant.post(path, {"sku": "A", "sale_price": 70.5, "units": 10})
    line = check(added)
    assert (line["sale_price"], added["ETag"]) == ("70.50", '"1"')
    one = f"{path}/{line['id']}"
    check(merchant.get(one))
    assert check(merchant.patch(one, {"units": 12}, If_Match='"1"'))["units"] == 12
    stale = merchant.patch(one, {"units": 13, "version": 1})
    assert check(stale)["values"]["newer"] == {"units": 12}
    some = {"lines": [line["id"]], "percent": 40}
    assert check(merchant.post(f"{path}/set/depth", some)) == {"changed": 1}
    some["percent"] = 25
    assert check(merchant.post(f"{path}/set/buffer", some)) == {"changed": 1}
    now = check(merchant.get(one))
    assert (now["sale_price"], now["buffer"]) == ("60.00", 3)
    assert b"A" in check(merchant.get(f"/campaigns/{plan['code']}/lines.csv"))
    book = check(merchant.get(f"/campaigns/{plan['code']}/lines.xlsx"))
    assert tablib.Dataset().load(book, format="xlsx").headers[0] == "sku"
    assert check(merchant.post(f"{path}/remove", {"lines": [line["id"]]})) == {
        "changed": 1
    }


def test_a_line_of_another_campaign_is_not_there(merchant: Caller) -> None:
    plan, other = begun(merchant), make.campaign()
    path = f"/campaigns/{plan['code']}/lines/{other.lines.get().pk}"
    assert check(merchant.get(path))["code"] == "not_found"
    assert merchant.patch(path, {"units": 1, "version": 1}).status_code == 404


def test_a_sheet_is_tried_applied_and_its_bad_rows_come_back(
    merchant: Caller,
) -> None:
    plan = begun(merchant)
    goods("A")
    path = f"/campaigns/{plan['code']}/imports"
    sheet = b"sku,sale_price,units,buffer\nA,70,10,0\nA-Z,70,10,0\n"
    job = check(merchant.upload(path, file=SimpleUploadedFile("l.csv", sheet)))
    tasks.run_import(job["id"])
    one = f"{path}/{job['id']}"
    tried = check(merchant.get(one))
    assert (tried["state"], tried["created"], tried["failed"]) == ("checked", 1, 1)
    refused = merchant.post(f"{one}/apply", {"mode": "all"})
    assert check(refused)["code"] == "rows_failed"
    assert b"A-Z" in check(merchant.get(f"{one}/errors.csv"))
    check(merchant.post(f"{one}/apply", {"mode": "valid"}))
    tasks.run_import(job["id"])
    assert check(merchant.get(one))["state"] == "done"
    again = check(merchant.upload(path, file=SimpleUploadedFile("m.csv", sheet)))
    assert check(merchant.post(f"{path}/{again['id']}/cancel"))["state"] == "cancelled"
    assert ImportJob.objects.count() == 2


def test_the_calendar_moves_drafts_and_looks_ahead(merchant: Caller) -> None:
    plan = begun(merchant)
    path = f"/campaigns/{plan['code']}"
    grid = check(merchant.get("/calendar?zoom=month&at=2026-11-01"))
    sales = [sale for lane in grid["lanes"] for sale in lane["sales"]]
    assert [(one["code"], one["first"]) for one in sales] == [
        (plan["code"], "2026-11-28")
    ]
    days = check(merchant.get(f"{path}/days?first=2026-11-26&days=3"))
    assert [day["v"] for day in days["days"]] == ["past", "ok", "ok"]
    window = "opens=2026-12-01T20:00:00&closes=2026-12-01T22:00:00"
    assert check(merchant.get(f"{path}/ahead?{window}")) == []
    said = {"opens_local": "2026-12-01T20:00:00", "closes_local": "2026-12-01T21:00:00"}
    moved = check(merchant.post(f"{path}/move", said | {"version": 1}))
    assert moved["opens_at"] == "2026-12-01T20:00:00Z"
    tried = check(merchant.post(f"{path}/verdict", {"expected_orders_peak": 90}))
    assert tried["sections"]
    assert len(check(merchant.get("/calendar/feeds"))) == 1
    assert check(merchant.get("/occasions")) == []


def test_a_freeze_is_set_and_lifted(operator: Caller) -> None:
    said = {
        "name": "Stocktaking",
        "starts_at": "2026-12-01T00:00:00Z",
        "ends_at": "2026-12-02T00:00:00Z",
    }
    made = check(operator.post("/freezes", said))
    assert check(operator.get("/freezes"))[0]["name"] == "Stocktaking"
    lifted = check(operator.post(f"/freezes/{made['id']}/lift"))
    assert lifted["lifted_at"] is not None
    naive = operator.post("/freezes", said | {"starts_at": "2026-12-01T00:00:00"})
    assert check(naive)["field"] == "starts_at"


def test_the_list_filters_and_pages(merchant: Caller) -> None:
    for number in range(27):
        make.campaign(lines=0, name=f"Sale {number}")
    first = check(merchant.get("/campaigns?group=draft&sort=name"))
    assert (len(first["items"]), first["count"], first["next"]) == (25, 27, 2)
    second = check(merchant.get("/campaigns?page=2"))
    assert (len(second["items"]), second["next"]) == (2, None)
    assert check(merchant.get("/campaigns?q=Sale 26"))["count"] == 1
