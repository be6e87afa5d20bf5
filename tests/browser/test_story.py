"""The main job as people do it: plan, import, approve, watch, close, report."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from config.smoke.play import shoppers
from config.smoke.stage import Stage

OPENS_IN = timedelta(seconds=50)
LASTS = timedelta(seconds=20)
SHEET = """sku,sale_price,units,buffer
SKN3-M-BLK,219.00,600,5
SKN3-W-MOS,{second},500,5
TND-M-NVY,249.00,400,5
STM-U-BLK,89.00,400,5
"""

Desk = Callable[[str], Page]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The whole stack, with the retailer and nothing planned."""
    with Stage() as running:
        shoppers(running)
        yield running


@pytest.fixture
def desk(chromium: Browser, stage: Stage) -> Iterator[Desk]:
    """Somebody's own browser, signed in with one click."""
    contexts = []

    def _sit_down(role: str) -> Page:
        context = chromium.new_context(
            base_url=stage.web, viewport={"width": 1440, "height": 900}, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/account/login/")
        page.locator(f'button[name="role"][value="{role}"]').click()
        page.wait_for_url("**/calendar/**")
        return page

    yield _sit_down
    for context in contexts:
        context.close()


@pytest.mark.timeout(240)
def test_a_sale_from_plan_to_report(desk: Desk, tmp_path: Path) -> None:
    merchandiser, approver, operator = map(
        desk, ["merchandiser", "approver", "operator"]
    )
    code = _plan(merchandiser)
    _import_with_one_error(merchandiser, code, tmp_path)
    _import_corrected(merchandiser, code, tmp_path)
    _decide(merchandiser, code, "Submit for approval")
    _decide(approver, code, "Approve and arm")
    _steps_turn_green(operator, code)
    _numbers_move(operator, code)
    _report_adds_up(operator, code)


def _plan(page: Page) -> str:
    opens = datetime.now(ZoneInfo("Europe/Berlin")) + OPENS_IN
    page.goto("/campaigns/new/")
    page.get_by_label("Name", exact=True).fill("Story Doorbuster")
    page.locator('[name="opens_local"]').fill(opens.strftime("%Y-%m-%dT%H:%M:%S"))
    closes = (opens + LASTS).strftime("%Y-%m-%dT%H:%M:%S")
    page.locator('[name="closes_local"]').fill(closes)
    for section in page.locator("#terms-checkout, #terms-load").all():
        section.locator("summary").click()
    page.locator('[name="hold_ttl_s"]').fill("5")
    page.locator('[name="on_call"]').select_option(index=1)
    page.get_by_role("button", name="Create draft").click()
    page.wait_for_url(re.compile(r"/campaigns/FS-\d+/$"))
    code = page.url.rstrip("/").rsplit("/", 1)[1]
    page.get_by_role("link", name="People").click()
    page.locator('[name="form-0-name"]').fill("Mara")
    page.locator('[name="form-0-reach"]').fill("+49 30 1")
    page.get_by_role("button", name="Save").click()
    return code


def _upload(page: Page, code: str, sheet: Path) -> None:
    page.goto(f"/campaigns/{code}/")
    page.get_by_role("link", name="Import CSV or XLSX").click()
    page.locator('dialog input[type="file"]').set_input_files(sheet)
    page.get_by_role("button", name="Try the sheet").click()
    page.wait_for_url("**/import/*/")
    page.locator('#import-job[data-state="checked"]').wait_for()


def _import_with_one_error(page: Page, code: str, folder: Path) -> None:
    sheet = folder / "lines.csv"
    sheet.write_text(SHEET.format(second="999.00"))
    _upload(page, code, sheet)
    expect(page.locator("#import-job")).to_contain_text("1 error")
    expect(page.locator("#import-job .err")).to_contain_text("sale_price")


def _import_corrected(page: Page, code: str, folder: Path) -> None:
    sheet = folder / "lines.csv"
    sheet.write_text(SHEET.format(second="219.00"))
    _upload(page, code, sheet)
    page.get_by_role("button", name="Import 4 rows").click()
    page.locator('#import-job[data-state="done"]').wait_for()


def _decide(page: Page, code: str, act: str) -> None:
    page.goto(f"/campaigns/{code}/")
    page.locator("#verdict").get_by_role("link", name=act).click()
    page.locator("dialog[open] #act-go").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def _steps_turn_green(page: Page, code: str) -> None:
    page.goto(f"/campaigns/{code}/capacity/")
    fifth = page.locator('.step[data-st="verified"]').nth(4)
    expect(fifth).to_be_visible(timeout=60_000)


def _numbers_move(page: Page, code: str) -> None:
    page.goto(f"/campaigns/{code}/live/")
    sold = page.locator('[data-n="sold_of"]')
    expect(sold).not_to_have_text(re.compile(r"^(0|–) of"), timeout=60_000)
    first = sold.inner_text()
    expect(sold).not_to_have_text(first, timeout=10_000)
    expect(page.locator('[data-n="oversold"]')).to_have_text("0")


def _report_adds_up(page: Page, code: str) -> None:
    told = _report(page, code)
    deadline = time.monotonic() + 90
    while told["state"] != "closed" and time.monotonic() < deadline:
        time.sleep(1)
        told = _report(page, code)
    assert told["state"] == "closed"
    assert told["orders_accepted"] == told["relayed"] > 0
    sold = sum(sku["sold"] for sku in told["skus"])
    assert told["units"] == sold + told["shortfall"]
    assert (told["oversold"], told["steps"]["failed"]) == (0, 0)
    page.goto(f"/campaigns/{code}/report/")
    expect(page.locator("main")).to_contain_text(f"{told['orders_accepted']:,}")


def _report(page: Page, code: str) -> dict[str, Any]:
    return dict(page.request.get(f"/api/report/{code}/").json())
