"""Every stock page and dialog in each of its states: no barrier, no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from console.errors import Refusal
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation, Level, LevelImport, SaleGate, Shown
from console.stock.operations import LevelSize, PolicyTerms, RuleTerms, imports
from console.stock.rules import Item, Want
from console.stock.rules.buffers import BufferScope
from console.stock.rules.waves import ReleaseWhen, Tranche
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import (
    DESK_DARK,
    DESK_LIGHT,
    PHONE_DARK,
    PHONE_LIGHT,
    Look,
    clean,
    faults,
)
from tests.browser.stockkit import act, closed, dialog
from tests.stock.running import a_sale
from tests.stock.sheetkit import sheet, start, tried, written
from tests.stock.shopkit import shelf, tell
from tests.stock.test_certificate_page import ended
from tests.stock.test_shortfalls import resolve, short

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
HERE = "/stock/FS-1/"
BOTH = [DESK_LIGHT, PHONE_DARK]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker: the test is the worker."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


def _hold(code: str, units: int, buyer: str) -> None:
    line = [Item(code, units)]
    stock.reserve("FS-1", lines=line, buyer=buyer, key=buyer, now=timezone.now())


def full() -> str:
    """A sale with something in every part of its tab; the SKU that is sold out."""
    first, second, third = a_sale(3)
    now = clock.now()
    stock.set_backorder(
        second.pk, units=40, promise_at=now + timedelta(days=30),
        version=second.version, reason="", actor=None, now=now,
    )  # fmt: skip
    _hold(first.sku.code, 16, "bea")
    SaleGate.objects.update(buyer_limit=2)
    with suppress(Refusal):
        _hold(second.sku.code, 3, "dan")
    stock.wait("FS-1", sku_code=first.sku.code, buyer="cay", key="cay", now=now)
    stock.stop_sku([third.pk], reason="recall", actor=None, now=now)
    Allocation.objects.filter(pk=third.pk).update(taken=F("taken") + 1)
    stock.look_for_stuck(now=now)
    stock.audit(now=now)
    return first.sku.code


def planned() -> None:
    """A sale with waves and a rule that has not opened."""
    skus = [make.sku() for _ in range(2)]
    for one in skus:
        make.level(one, units=50)
    now = clock.now()
    wants = [Want(one.pk, 40, 5) for one in skus]
    stock.lock("FS-1", wants=wants, actor=None, now=now)
    waves = [Tranche(Decimal(30), 600), Tranche(Decimal(20), None, 80)]
    seen = queries.release_plan("FS-1").seen
    stock.plan_waves("FS-1", waves, seen=seen, actor=None, now=now)
    rule = RuleTerms(ReleaseWhen.LAST_PERCENT, Decimal(10), 2, None)
    stock.add_rule("FS-1", rule, reason="", actor=None, now=now)


def sold_out() -> None:
    for one in a_sale(2):
        _hold(one.sku.code, 16, f"buyer-{one.pk}")


def missing() -> None:
    resolve(short(3, now=clock.now())[0], make.user("operator"))


def over() -> None:
    ended(2)


STATES: dict[str, Callable[[], object]] = {
    "nothing locked": lambda: None,
    "planned": planned,
    "full": full,
    "sold out": sold_out,
    "paid and missing": missing,
    "ended": over,
}


@pytest.mark.parametrize("state", STATES)
def test_the_stock_tab_is_clean(visit: Visit, state: str) -> None:
    _tab_is_clean(visit, state, BOTH)


@pytest.mark.soak
@pytest.mark.parametrize("state", STATES)
def test_the_stock_tab_is_clean_in_the_other_looks(visit: Visit, state: str) -> None:
    _tab_is_clean(visit, state, [DESK_DARK, PHONE_LIGHT])


def _tab_is_clean(visit: Visit, state: str, looks: list[Look]) -> None:
    caches["shared"].clear()
    with shelf() as shop:
        STATES[state]()
        codes = Level.objects.values_list("sku__code", flat=True)
        shop.sold.update(codes)
        tell()
        Shown.objects.filter(pk__in=Shown.objects.all()[:1]).update(
            state="failed", last_error="The shop does not like it."
        )
        page = visit(HERE, make.user("operator"))
        clean(page, looks)


DIALOGS = (
    "Top up",
    "Change buffer",
    "Sell before it is there",
    "History",
    "Stop this SKU",
    "Unlock",
)
PANELS = ("Plan waves", "Add a release rule", "Look for stuck units now")


def _each(page: Page, opened: str, found: list[str]) -> None:
    dialog(page)
    found += [f"{opened}: {one}" for one in faults(page, BOTH)]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Escape")
    closed(page)


def test_the_dialogs_of_a_sale_are_clean(visit: Visit) -> None:
    planned()
    stock.open_gate("FS-1", now=clock.now())
    code = Allocation.objects.earliest("pk").sku.code
    page, found = visit(HERE, make.user("operator")), list[str]()
    for words in DIALOGS:
        act(page, code, words)
        _each(page, words, found)
    for words in (*PANELS, "Start the next now", "Let go by rule", "Take rule"):
        page.get_by_role("button", name=words).first.click()
        _each(page, words, found)
    for words in ("Top up", "Raise buffer", "Start"):
        page.get_by_label("Select all SKUs").check()
        page.locator("#alloc-bulk").get_by_role("button", name=words).click()
        _each(page, f"bulk {words}", found)
        page.get_by_role("button", name="Clear selection").click()
    assert found == []


def test_a_shortfall_is_resolved_in_a_clean_dialog(visit: Visit) -> None:
    missing()
    page = visit(HERE, make.user("operator"))
    page.get_by_label("Resolve the shortfall of O-1").click()
    opened = dialog(page)
    assert faults(page, BOTH) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    opened.get_by_text("Sent later").click()
    opened.get_by_label("Note").fill("By Friday")
    opened.get_by_role("button", name="Resolve").click()
    closed(page)
    row = page.locator("#shortfalls tr", has_text="O-1")
    expect(row).to_contain_text("Sent later")
    expect(row).to_contain_text("By Friday")


def _counted() -> None:
    """Two counts that wait for a second person."""
    for _ in range(2):
        level = make.level(units=100)
        size = LevelSize(300, 4, 5)
        stock.adjust(
            level.pk, size=size, version=level.version, reason="count: shelf 3",
            actor=make.user("operator"), now=clock.now(),
        )  # fmt: skip


CUT_OFF = """[...document.querySelectorAll(".panel td .btn")]
  .filter((one) => one.getBoundingClientRect().left
    < one.closest(".panel").getBoundingClientRect().left)
  .map((one) => one.ariaLabel || one.textContent)"""


def test_on_a_phone_no_act_of_a_row_is_cut_off(
    visit: Visit, settings: Settings
) -> None:
    settings.ADJUST_ALONE_UNITS = 5
    _counted()
    stock.add_policy(
        BufferScope.MASTER, "", PolicyTerms(3), actor=None, now=clock.now()
    )
    planned()
    page = visit("/stock/levels/", make.user("operator"), width=390)
    for path in ("/stock/levels/", "/stock/buffers/", HERE):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.locator(".panel td .btn:visible").count()
        assert page.evaluate(CUT_OFF) == []


def test_levels_counts_and_their_dialogs_are_clean(
    visit: Visit, settings: Settings
) -> None:
    settings.ADJUST_ALONE_UNITS = 5
    _counted()
    page, found = visit("/stock/levels/", make.user("operator")), list[str]()
    found += faults(page, BOTH)
    page.set_viewport_size({"width": 1440, "height": 900})
    for words in ("Import counts", "Ledger of", "Adjust"):
        page.get_by_role("button", name=words).first.click()
        _each(page, words, found)
    assert found == []


def test_the_page_of_buffers_is_clean(visit: Visit) -> None:
    sku = make.sku("MUG", category="Mugs")
    make.level(sku, units=30)
    for scope, target in (("sku", "MUG"), ("category", "Mugs"), ("master", "")):
        stock.add_policy(
            BufferScope(scope), target, PolicyTerms(3), actor=None, now=clock.now()
        )
    page, found = visit("/stock/buffers/", make.user("operator")), list[str]()
    found += faults(page, BOTH)
    page.set_viewport_size({"width": 1440, "height": 900})
    for words in ("Add a policy", "Change the policy", "Remove the policy"):
        page.get_by_role("button", name=words).first.click()
        _each(page, words, found)
    assert found == []


def _checking() -> LevelImport:
    return start(sheet("MUG,Main,12,,"))


def _confirmed() -> LevelImport:
    job = tried(sheet("MUG,Main,12,,"))
    imports.confirm(job.pk, mode="all", actor=job.by)
    return job


def _given_up() -> LevelImport:
    job = tried(sheet("MUG,Main,12,,"))
    imports.cancel(job.pk, now=clock.now())
    return job


JOBS: dict[str, Callable[[], LevelImport]] = {
    "checking": _checking,
    "checked": lambda: tried(sheet("MUG,Main,12,,")),
    "bad rows": lambda: tried(sheet("MUG,Main,12,,", "MUG,Main,x,,", "NO,Main,1,,")),
    "applying": _confirmed,
    "done": lambda: written(sheet("MUG,Main,12,,")),
    "cancelled": _given_up,
    "failed": lambda: tried(b"sku,location\nMUG,Main"),
}


@pytest.mark.parametrize("state", JOBS)
def test_the_page_of_a_sheet_is_clean(visit: Visit, state: str) -> None:
    make.level(make.sku("MUG"), units=10)
    job = JOBS[state]()
    page = visit(f"/stock/levels/import/{job.pk}/", make.user("admin"))
    clean(page, BOTH)


def test_certificates_are_clean(visit: Visit) -> None:
    ended(2)
    page = visit("/stock/FS-1/certificate/", make.user("viewer"))
    clean(page, BOTH)
    page.goto("/stock/FS-9/certificate/")
    clean(page, BOTH)
