"""Levels, buffers, the ledger and certificates in a real browser."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Download, expect

from console.stock.models import Level, LevelImport
from console.stock.operations import imports
from console.stock.tasks import run_import
from console.stock.verify_certificate import verify
from tests import make
from tests.browser.conftest import Visit
from tests.browser.stockkit import closed, dialog
from tests.stock.rebuildkit import a_sale
from tests.stock.test_certificate_page import ended
from tests.stock.test_entries import many

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker: the test is the worker."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


def _rows(file: Download) -> list[dict[str, str]]:
    """A CSV that the browser was sent."""
    return list(csv.DictReader(file.path().read_text("utf-8-sig").splitlines()))


def test_a_sheet_with_bad_rows_from_the_dialog_to_the_levels(
    visit: Visit, tmp_path: Path
) -> None:
    make.level(make.sku("MUG"), units=10)
    make.level(make.sku("JUG"), units=10)
    sheet = tmp_path / "levels.csv"
    sheet.write_text("sku,location,on_hand\nMUG,Main,12\nJUG,Main,many\nX,Main,1\n")
    page = visit("/stock/levels/", make.user("operator"))
    page.get_by_role("button", name="Import counts").click()
    asked = dialog(page)
    asked.locator("input[type=file]").set_input_files(sheet)
    asked.get_by_role("button", name="Try the sheet").click()
    page.wait_for_url("**/stock/levels/import/*/")
    job = page.locator("#import-job")
    expect(job).to_have_attribute("data-state", "checking")
    run_import(LevelImport.objects.get().pk)
    expect(job).to_have_attribute("data-state", "checked")
    expect(job).to_contain_text("1 changed")
    expect(job).to_contain_text("2 errors")
    expect(job).to_contain_text("There is no SKU X.")
    with page.expect_download() as bad:
        job.get_by_role("link", name="Bad rows as CSV").click()
    rows = _rows(bad.value)
    assert [(row["row"], row["sku"]) for row in rows] == [("3", "JUG"), ("4", "X")]
    assert Level.objects.get(sku__code="MUG").on_hand == 10
    job.get_by_role("button", name="Write the valid rows only").click()
    expect(job).to_have_attribute("data-state", "applying")
    run_import(LevelImport.objects.get().pk)
    expect(job).to_have_attribute("data-state", "done")
    expect(job).to_contain_text("1 level written")
    job.get_by_role("link", name="Back to the levels").click()
    expect(page.get_by_role("row", name="MUG")).to_contain_text("12")


def test_a_policy_holds_units_back_and_the_levels_show_it(visit: Visit) -> None:
    make.level(make.sku("MUG"), units=30)
    page = visit("/stock/buffers/", make.user("merchandiser"))
    page.get_by_role("button", name="Add a policy").click()
    asked = dialog(page)
    asked.get_by_label("Holds back of").select_option(label="SKU")
    asked.get_by_label("Which").fill("MUG")
    asked.locator("#id_units").fill("8")
    expect(asked.locator("#policy-effect")).to_contain_text("8 units of 1 SKU")
    asked.get_by_role("button", name="Hold back").click()
    closed(page)
    expect(page.locator("#buffers")).to_contain_text("8 units")
    page.get_by_role("link", name="All levels").click()
    level = page.get_by_role("row", name="MUG")
    expect(level).to_contain_text("and 8 by policy")
    expect(level.get_by_role("cell", name="22", exact=True)).to_be_visible()
    page.goto("/stock/buffers/")
    page.get_by_role("button", name="Remove the policy of").click()
    dialog(page).get_by_role("button", name="Remove the policy").click()
    closed(page)
    expect(page.locator("#buffers")).to_contain_text("Nothing is held back by policy")
    assert Level.objects.get().policy_buffer == 0


def test_the_ledger_is_filtered_and_paged(visit: Visit) -> None:
    a_sale()
    many(60)
    page = visit("/stock/levels/", make.user("viewer"))
    page.get_by_role("button", name="Ledger of SHELL at Near").click()
    drawer = dialog(page)
    expect(drawer.get_by_label("Location")).to_have_value(
        str(Level.objects.get(location__name="Near").location_id)
    )
    rows = drawer.locator("tbody tr")
    expect(rows.first).to_contain_text("Near")
    drawer.get_by_label("Location").select_option(label="All locations")
    expect(rows.first).to_contain_text("Reserved")
    drawer.get_by_label("Kind of entry").select_option(label="All but checkouts")
    expect(rows.first).not_to_contain_text("Reserved")
    drawer.get_by_label("Kind of entry").select_option(label="Checkouts")
    expect(rows.first).to_contain_text("Reserved")
    newest = rows.first.locator("td").last.inner_text()
    drawer.get_by_role("button", name="Older").click()
    expect(rows.first.locator("td").last).not_to_have_text(newest)
    drawer.get_by_role("button", name="Newer").click()
    expect(rows.first.locator("td").last).to_have_text(newest)
    drawer.get_by_label("Account").select_option(label="Sold")
    expect(rows).to_have_count(3)
    with page.expect_download() as sheet:
        drawer.get_by_role("link", name="CSV of all these").click()
    assert len(_rows(sheet.value)) == 3
    page.keyboard.press("Escape")
    closed(page)
    opener = page.get_by_role("button", name="Ledger of SHELL at Near")
    expect(opener).to_be_focused()


def test_a_certificate_is_found_and_its_file_holds_by_itself(visit: Visit) -> None:
    ended(2)
    page = visit("/stock/FS-1/", make.user("viewer"))
    page.get_by_role("link", name="Certificate").click()
    expect(page.locator("#certificate")).to_contain_text("0 oversold")
    with page.expect_download() as file:
        page.get_by_role("link", name="With entries").click()
    lines, holds = verify(str(file.value.path()))
    assert holds and len(lines) == 2
