"""A merchandiser plans a quarter: from the calendar to an amendment of a live sale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, ImportJob
from console.campaigns.operations import imports
from console.campaigns.tasks import run_import
from console.prices import operations as prices
from console.prices.operations import Note
from console.stock.models import Level, Sku
from tests import make
from tests.browser.conftest import Visit
from tests.campaigns.sheetkit import counts, tried
from tests.copies import copy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
DAY = timedelta(days=1)
ALL, BAD = 50_000, 137
FS = "FS-0900"
FEW = 3


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker: the test is the worker."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


@pytest.fixture
def monday() -> datetime:
    """The first Monday of a quarter whose days are all to come."""
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + (7 - noon.weekday()) * DAY


@pytest.fixture
def quarter(monday: datetime) -> None:
    """An armed sale, a draft, and a Black Friday that sells the same shell."""
    everybody = make.audience("Everyone", min_gap_days=7, zone="UTC")
    members = make.audience("Members")
    aino = make.user("merchandiser", name="aino")
    make.armed(of=everybody, name="Trail Shoes", opens_at=monday + 7 * DAY)
    draft = make.campaign(of=everybody, name="Winter Doors", author=aino, code=FS,
                          opens_at=monday + 2 * DAY)  # fmt: skip
    friday = make.campaign(of=members, name="Black Friday", lines=0, author=aino,
                           opens_at=monday + 40 * DAY)  # fmt: skip
    line = draft.lines.get()
    line.pk, line.campaign = None, friday
    line.save(force_insert=True)


def shelves() -> None:
    """Fifty thousand products with a price history; a few have stock."""
    shell = Sku.objects.create(
        code="P-00000", name="Product", regular_price=Decimal(100)
    )
    copy(
        shell, f"generate_series(1, {ALL - 1}) n", code="'P-' || lpad(n::text, 5, '0')"
    )
    others = f"stock_sku where code like 'P-%%' and id <> {shell.pk}"
    since = timezone.now() - 60 * DAY
    (noted,) = prices.note_all([Note(shell.code, shell.regular_price, since)])
    copy(noted, others, sku="code")
    level = Level.objects.create(sku=shell, location=make.location("Main"), on_hand=0)
    copy(level, others, sku_id="id")
    assert Sku.objects.filter(code__startswith="P-").count() == ALL
    with connection.cursor() as cursor:
        cursor.execute("analyze")  # as autovacuum does within a minute


def sheet(folder: Path) -> Path:
    """A price above the list price every 365th row, 137 times."""
    step = ALL // BAD
    rows = (
        f"P-{n:05d},{170 if n % step == 0 and n // step < BAD else 70},2,0"
        for n in range(ALL)
    )
    path = folder / "winter.csv"
    path.write_text("sku,sale_price,units,buffer\n" + "\n".join(rows) + "\n")
    return path


def drag(page: Page, monday: datetime, to: datetime) -> None:
    """Take the draft by its bar to a day of the quarter, and let it go there."""
    bar = page.locator(f'.ev__b[data-code="{FS}"]').bounding_box()
    grid = page.locator(".cal__bg").bounding_box()
    assert bar and grid
    first = monday - monday.weekday() * DAY
    wide = (grid["x"] + grid["width"] - bar["x"]) / (91 - (monday - first).days - 2)
    x = bar["x"] + wide * ((to - monday).days - 2) + wide / 2
    page.mouse.move(bar["x"] + 4, bar["y"] + 8)
    page.mouse.down()
    page.mouse.move(bar["x"] + 14, bar["y"] + 8, steps=3)
    expect(page.locator(".place__c")).to_be_visible()
    page.mouse.move(x, bar["y"] + 8, steps=6)
    page.mouse.up()


def decided(page: Page, name: str, sure: str) -> None:
    page.locator("#campaign-head").get_by_role("link", name=name).click()
    page.locator("dialog").get_by_role("button", name=sure).click()


def test_a_quarter_is_planned_by_dragging_imported_approved_and_amended(
    visit: Visit, monday: datetime, quarter: None, tmp_path: Path
) -> None:
    aino = make.User.objects.get(username="aino")
    page = visit(f"/calendar/?zoom=quarter&at={monday:%Y-%m-%d}", aino)
    placing(page, monday)
    importing(page, tmp_path)
    lena = [make.user("approver") for _ in range(FEW)]
    approving(page, lambda path, n: visit(path, lena[n]))
    amending(page, lambda path: visit(path, lena[0]))


def placing(page: Page, monday: datetime) -> None:
    """Fatigue forbids the day it is dropped on, and offers one that works."""
    drag(page, monday, monday + 9 * DAY)
    card = page.locator(".place__c")
    expect(card).to_contain_text("not allowed")
    expect(card).to_contain_text("Trail Shoes")
    offer = card.get_by_role("button", name="Place on")
    offer.click()
    expect(page.locator("#toasts")).to_contain_text("Winter Doors starts")
    moved = Campaign.objects.get(code=FS)
    assert moved.opens_at and moved.opens_at == monday + 14 * DAY
    # What it takes from Black Friday is said in the verdict of its plan.
    page.goto(f"/campaigns/{FS}/")
    expect(page.locator("#verdict")).to_contain_text(
        "Black Friday claim falls 30% → 0%"
    )


def importing(page: Page, folder: Path) -> None:
    """Fifty thousand rows: 137 wrong ones are named, the others come in."""
    shelves()
    page.get_by_role("link", name="Import CSV or XLSX").click()
    page.locator("#import input[type=file]").set_input_files(sheet(folder))
    page.get_by_role("button", name="Try the sheet").click()
    job = page.locator("#import-job")
    expect(job).to_be_visible()
    run_import(ImportJob.objects.get().pk)
    expect(job).to_contain_text(f"{BAD} rows have errors")
    expect(job).to_contain_text("not below the list price")
    good = ALL - BAD
    page.get_by_role("button", name=f"Import the {good:,} valid rows only").click()
    run_import(ImportJob.objects.get().pk)
    one = ImportJob.objects.get()
    assert counts(one) == (good, 0, 0, 0, BAD)
    assert sum(counts(one)) == one.total == ALL
    again = tried(one.campaign, sheet(folder).read_bytes())
    assert counts(again) == (0, 0, good, 0, BAD)
    page.get_by_role("link", name="Back to the plan").click()
    expect(page.locator("#products-t")).to_contain_text(f"{good + 1:,} SKUs")


def approving(page: Page, visit: Callable[[str, int], Page]) -> None:
    """Without stock for them the plan is blocked; with what is there it is approved."""
    expect(page.locator("#verdict-t")).to_contain_text("No-go", timeout=120_000)
    one = Campaign.objects.get(code=FS)
    one.lines.filter(sku__code__startswith="P-").exclude(sku__code="P-00001").delete()
    make.level(Sku.objects.get(code="P-00001"), at=make.location("Second"))
    page.reload()
    page.locator("#submit").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#campaign-head .badge").first).to_contain_text("In review")
    for number in range(FEW):
        theirs = visit(f"/campaigns/{FS}/", number)
        decided(theirs, "Approve", "Approve")
        expect(theirs.locator("#toasts")).to_contain_text(FS)
        if Campaign.objects.get(code=FS).state == "armed":
            break
    expect(theirs.locator("#campaign-head .badge").first).to_contain_text("Armed")


def amending(page: Page, visit: Callable[[str], Page]) -> None:
    """Live, a price is changed: proposed by one, approved by another, in force."""
    one = Campaign.objects.get(code=FS)
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(FS, actor=None, now=one.opens_at)
    page.goto(f"/campaigns/{FS}/amend/")
    row = page.get_by_role("row", name="P-00001")
    row.locator("input[name$=sale_price]").fill("60")
    page.get_by_label("Why", exact=True).fill("It sells too slowly")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_role("region", name="Before and after")).to_contain_text("60.00")
    theirs = visit(f"/campaigns/{FS}/changes/1/")
    expect(theirs.get_by_role("region", name="Before and after")).to_contain_text(
        "70.00 → 60.00"
    )
    theirs.get_by_role("button", name="Approve and apply").click()
    expect(theirs.locator("main")).to_contain_text("Applied")
    line = one.lines.get(sku__code="P-00001")
    assert line.sale_price == 60
