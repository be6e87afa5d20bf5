"""The description is valid, complete and readable, and no page action is forgotten."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from ninja import Schema
from openapi_spec_validator import validate

from config.access import access_table
from config.api import api
from console.campaigns import terms
from console.campaigns.api import shapes
from console.campaigns.forms import TermsForm
from console.campaigns.operations import Terms
from console.shell import policy
from tests import make

READS = {
    "campaigns:calendar": "campaigns.calendar",
    "campaigns:subscribe": "campaigns.feeds",
    "campaigns:too_often": "campaigns.too_often",
    "campaigns:feed": "campaigns.feeds",
    "campaigns:freezes": "campaigns.freezes",
    "campaigns:occasions": "campaigns.occasions",
    "campaigns:freeze_sales": "part of campaigns:freezes",
    "campaigns:list": "campaigns.list",
    "campaigns:next_event": "part of campaigns:list",
    "campaigns:search": "campaigns.list",
    "campaigns:plan": "campaigns.read campaigns.lines campaigns.verdict orders.budget",
    "campaigns:head": "part of campaigns:plan",
    "campaigns:stock": "frame of stock:panel",
    "campaigns:capacity": "frame of capacity:panel",
    "campaigns:activity": "campaigns.activity",
    "campaigns:lines": "campaigns.lines",
    "campaigns:export": "campaigns.lines_csv campaigns.lines_xlsx",
    "campaigns:bundle": "campaigns.bundle",
    "campaigns:bring_in": "campaigns.difference",
    "campaigns:import_job": "campaigns.import_job",
    "campaigns:import_errors": "campaigns.import_errors",
    "campaigns:place": "campaigns.days",
    "campaigns:soon": "campaigns.days",
    "campaigns:ahead": "campaigns.ahead",
    "campaigns:impact": "campaigns.impact",
    "campaigns:verdict": "campaigns.try",
    "campaigns:conflicts": "campaigns.list_conflicts",
    "campaigns:markets": "campaigns.markets campaigns.channels campaigns.shops",
    "campaigns:catalogue": "campaigns.catalogue",
    "campaigns:catalogue_file": "campaigns.catalogue_csv campaigns.catalogue_xlsx",
    "campaigns:risks": "campaigns.risks",
    "campaigns:told": "campaigns.announcements",
    "campaigns:templates": "campaigns.templates",
    "campaigns:changes": "campaigns.amendments campaigns.drift campaigns.waits",
    "campaigns:amendment": "campaigns.amendments",
    "campaigns:as_of": "campaigns.as_of",
    "campaigns:people": "campaigns.people campaigns.log",
    "campaigns:price": "campaigns.try_price",
    "campaigns:fill": "campaigns.sources",
    "campaigns:undo": "campaigns.undoable",
    "fatigue:policy": "fatigue.policies",
    "fatigue:scope": "fatigue.policy fatigue.versions fatigue.date_verdict",
    "fatigue:preview": "fatigue.preview",
    "fatigue:audiences": "fatigue.audiences fatigue.known_of_audiences",
    "fatigue:contact_files": "fatigue.contact_files",
    "prices:home": "prices.list",
    "prices:conflicts": "prices.conflicts",
    "prices:evidence": "prices.evidence",
    "prices:evidence_file": "prices.evidence_file",
    "prices:history": "prices.history",
    "uplift:home": "uplift.evidence uplift.past_sales",
    "uplift:sale": "uplift.past_sale",
    "uplift:histories": "uplift.histories",
    "uplift:history_file": "uplift.history",
    "uplift:left_out": "uplift.left_out",
}
"""What tells a program the same as a page: its operations, or the page it is part of.

A frame shows a page of another room and nothing of its own.
"""
BEYOND = "campaigns.decisions campaigns.read_line"
"""One row by itself, and what a page shows inside of a form."""
ROOMS = {"campaigns", "fatigue", "prices", "uplift"}
OTHER = ("part of ", "frame of ")

WRITES = {
    "campaigns:create": "campaigns.create",
    "campaigns:bring_in": "campaigns.bring_in",
    "campaigns:save": "campaigns.edit",
    "campaigns:duplicate": "campaigns.duplicate",
    "campaigns:move": "campaigns.move",
    "campaigns:resolve": "campaigns.resolve",
    "campaigns:add_line": "campaigns.add_line",
    "campaigns:remove_lines": "campaigns.remove_lines",
    "campaigns:set_lines": "campaigns.set_depth campaigns.set_buffer",
    "campaigns:edit_line": "campaigns.edit_line",
    "campaigns:import": "campaigns.import",
    "campaigns:import_apply": "campaigns.import_apply",
    "campaigns:import_cancel": "campaigns.import_cancel",
    "campaigns:freeze": "campaigns.freeze",
    "campaigns:lift": "campaigns.lift",
    "campaigns:add_occasion": "campaigns.add_occasion",
    "campaigns:rename_occasion": "campaigns.rename_occasion",
    "campaigns:drop_occasion": "campaigns.drop_occasion",
    "campaigns:submit": "campaigns.submit",
    "campaigns:withdraw": "campaigns.withdraw",
    "campaigns:discard": "campaigns.discard",
    "campaigns:approve": "campaigns.approve",
    "campaigns:reject": "campaigns.reject",
    "campaigns:arm": "campaigns.arm",
    "campaigns:pause": "campaigns.pause",
    "campaigns:resume": "campaigns.resume",
    "campaigns:extend": "campaigns.extend",
    "campaigns:end": "campaigns.end",
    "campaigns:abort": "campaigns.abort",
    "campaigns:break_glass": "campaigns.break_glass",
    "campaigns:review_glass": "campaigns.review_glass",
    "campaigns:recheck": "campaigns.recheck",
    "campaigns:update_catalogue": "campaigns.update_catalogue",
    "campaigns:save_risks": "campaigns.save_risks",
    "campaigns:settle": "campaigns.settle",
    "campaigns:add_market": "campaigns.save_market",
    "campaigns:edit_market": "campaigns.save_market",
    "campaigns:add_channel": "campaigns.add_channel",
    "campaigns:place_shop": "campaigns.place_shop",
    "campaigns:announce": "campaigns.announce",
    "campaigns:change_told": "campaigns.change_told",
    "campaigns:unannounce": "campaigns.unannounce",
    "campaigns:amend": "campaigns.amend",
    "campaigns:approve_amendment": "campaigns.approve_amendment",
    "campaigns:reject_amendment": "campaigns.reject_amendment",
    "campaigns:withdraw_amendment": "campaigns.withdraw_amendment",
    "campaigns:save_template": "campaigns.save_template",
    "campaigns:use_template": "campaigns.use_template",
    "campaigns:drop_template": "campaigns.drop_template",
    "campaigns:clone": "campaigns.clone",
    "campaigns:price": "campaigns.price",
    "campaigns:fill": "campaigns.fill",
    "campaigns:forget_source": "campaigns.forget_source",
    "campaigns:undo": "campaigns.undo",
    "campaigns:set_contacts": "campaigns.set_contacts",
    "campaigns:decide": "campaigns.decide",
    "campaigns:wait_for": "campaigns.wait_for",
    "campaigns:wait_no_more": "campaigns.wait_no_more",
    "fatigue:add_contacts": "fatigue.add_contacts",
    "fatigue:add_rates": "fatigue.add_rates",
    "fatigue:add_audience": "fatigue.add_audience",
    "fatigue:add_policy": "fatigue.add_policy",
    "fatigue:start": "fatigue.start",
    "fatigue:save": "fatigue.save",
    "fatigue:preview": "fatigue.preview",
    "prices:keep": "prices.keep",
    "prices:restore": "prices.restore",
    "prices:seal": "prices.seal",
    "prices:backfill": "prices.backfill",
    "uplift:add": "uplift.add",
    "uplift:remove": "uplift.remove",
    "uplift:import": "uplift.import",
    "uplift:remove_history": "uplift.remove_history",
}


@cache
def operations() -> dict[str, dict[str, Any]]:
    paths = api.get_openapi_schema()["paths"].values()
    return {one["operationId"]: one for path in paths for one in path.values()}


def _operations_of(page: str) -> list[str]:
    """What a page that shows is told by; of a part, the page it is part of."""
    told = READS[page]
    whole = next((told.removeprefix(o) for o in OTHER if told.startswith(o)), None)
    if whole is None:
        return told.split()
    assert whole in access_table(), page
    return _operations_of(whole) if whole in READS else []


def test_every_page_of_planning_has_a_counterpart() -> None:
    pages = {name for name in access_table() if name.partition(":")[0] in ROOMS}
    assert pages == READS.keys() | WRITES.keys()


@pytest.mark.parametrize("page", READS)
def test_a_program_reads_what_a_page_shows(page: str) -> None:
    for name in _operations_of(page):
        assert operations()[name]["x-permission"] in {
            policy.LOGIN,
            access_table()[page],
        }


def test_only_another_rooms_page_has_no_counterpart() -> None:
    framed = {page for page in READS if not _operations_of(page)}
    assert {READS[page].removeprefix("frame of ") for page in framed} == {
        "stock:panel",
        "capacity:panel",
    }


@pytest.mark.parametrize("page,counterparts", WRITES.items())
def test_a_counterpart_asks_for_the_same_permission(
    page: str, counterparts: str
) -> None:
    for name in counterparts.split():
        assert operations()[name]["x-permission"] == access_table()[page]


def test_no_operation_is_without_a_page() -> None:
    """What a program can do beyond the pages is listed here, so that it is meant."""
    told = {name for page in READS for name in _operations_of(page)}
    told |= {name for names in WRITES.values() for name in names.split()}
    assert operations().keys() - told == set(BEYOND.split())


def test_the_description_is_valid() -> None:
    validate(json.loads(json.dumps(api.get_openapi_schema())))


def test_no_two_shapes_share_a_name() -> None:
    """Two of one name overwrite each other in the description."""
    kinds = list(Schema.__subclasses__())
    for kind in kinds:
        kinds += [one for one in kind.__subclasses__() if one not in kinds]
    ours = [kind for kind in kinds if kind.__module__.startswith("console.")]
    names = Counter(k.__name__ for k in ours if k.__name__ != "NinjaResponseSchema")
    assert [name for name, count in names.items() if count > 1] == []


def test_every_operation_says_what_it_does_and_what_it_needs() -> None:
    for name, one in operations().items():
        assert one["summary"], name
        assert one["x-permission"] in {policy.LOGIN, *policy.MATRIX}, name
        assert "default" in one["responses"], name


def test_the_list_of_terms_is_that_of_the_form_and_of_the_operation() -> None:
    listed = {term.name for term in terms.TERMS}
    assert listed == set(TermsForm.base_fields) - {"version"}
    assert listed == {name.removesuffix("_id") for name in Terms.__dataclass_fields__}
    assert listed <= set(shapes.CampaignOut.model_fields)


@pytest.mark.django_db
def test_the_description_and_its_page_are_served(client: Client) -> None:
    client.force_login(make.user("viewer"))
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    page = client.get(reverse("api_docs")).content.decode()
    assert [path for path in told["paths"] if path not in page] == []
    assert "<script>" not in page


@pytest.mark.django_db
def test_a_session_calls_with_its_csrf_token_only() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.user("approver"))
    refused = client.post("/api/v1/fatigue/start")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    client.get(reverse("people:tokens"))
    headers = {"X-CSRFToken": client.cookies["doorbuster-csrf"].value}
    assert client.post("/api/v1/fatigue/start", headers=headers).status_code == 200


@pytest.mark.django_db
def test_a_stranger_is_told_so_as_a_problem(client: Client) -> None:
    reply = client.get("/api/v1/campaigns")
    assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")
    assert reply["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_parameter_that_means_nothing_is_refused(client: Client) -> None:
    client.force_login(make.user("viewer"))
    reply = client.get("/api/v1/campaigns?pgae=2")
    assert (reply.status_code, reply.json()["field"]) == (422, "pgae")
    assert client.get("/api/v1/campaigns?page=1&q=a").status_code == 200


@pytest.mark.django_db
def test_a_body_is_bounded(client: Client) -> None:
    client.force_login(make.user("merchandiser"))
    body = b"{" + b" " * (5 * 2**20) + b"}"
    reply = client.post("/api/v1/campaigns", body, content_type="application/json")
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["", "{", "[]", "7", '{"name": "\\u0000"}', "\udcff"])
def test_a_body_that_makes_no_sense_is_refused(client: Client, body: str) -> None:
    client.force_login(make.user("merchandiser"))
    raw = body.encode(errors="surrogateescape")
    reply = client.post("/api/v1/campaigns", raw, content_type="application/json")
    assert reply.status_code in {400, 422}
    assert reply.json()["code"]
