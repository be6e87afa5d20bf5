"""The board in a browser: numbers move by themselves, and say how old they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from console.campaigns.models import Campaign
from console.live import sampler
from console.live.probes import ask_all, summary
from console.orders import events, operations
from console.stock import operations as stock
from console.stock.rules import Want
from tests import make
from tests.browser.conftest import Visit
from tests.live.test_stream import Edge, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def edge(live_server: LiveServer) -> Iterator[Edge]:
    """The edge server that belongs to the live server."""
    with running(PUBLIC_URL=live_server.url) as one:
        yield one


@pytest.fixture
def sale(db: None) -> Campaign:
    """A sale that opened a minute ago."""
    now = timezone.now()
    opened = now - timedelta(minutes=1)
    shirt, boot = make.sku("SHIRT-M"), make.sku("BOOT-42")
    for one in (shirt, boot):
        make.level(one, units=100)
    wants = [Want(shirt.pk, 100, 10), Want(boot.pk, 80, 0)]
    stock.lock("FS-1", wants=wants, actor=None, now=opened)
    stock.open_gate("FS-1", now=opened)
    made = make.campaign(code="FS-1", lines=0)
    Campaign.objects.filter(pk=made.pk).update(
        state="live",
        opens_at=opened,
        closes_at=now + timedelta(minutes=20),
        opened_at=opened,
        revenue_target=Decimal("2000.00"),
    )
    ask_all(now=now)
    sampler.sample(now=now, health=summary(now=now))
    return made


def pay(ref: str) -> None:
    """A paid order of one pair of boots, now."""
    now = timezone.now()
    line = events.PaidLine(sku="BOOT-42", units=1, price=Decimal(100))
    told = events.PaidOrder(
        ref=ref, campaign="FS-1", buyer=ref, currency="EUR", total=Decimal(100),
        placed_at=now, lines=(line,),
    )  # fmt: skip
    operations.accept("shop", ref, told, now=now)


@pytest.fixture
def board(visit: Visit, sale: Campaign, edge: Edge) -> Page:
    """The board of the running sale, as an operator sees it."""
    page = visit("/healthz", make.user("operator"))
    page.context.route(
        "**/live/stream/**",
        lambda route: route.continue_(
            url=f"http://127.0.0.1:{edge.port}/live/"
            + route.request.url.partition("/live/")[2]
        ),
    )
    with page.expect_request("**/live/stream/**"):
        page.goto("/campaigns/FS-1/live/")
    return page


def test_an_order_moves_the_numbers_without_a_reload(board: Page) -> None:
    expect(board.locator('[data-n="revenue"]')).to_have_text("€0.00")
    height = board.evaluate("document.body.scrollHeight")
    for n in range(4):
        pay(f"R-{n}")
    sampler.sample(now=timezone.now(), health=[])
    expect(board.locator('[data-n="revenue"]')).to_have_text("€400.00")
    expect(board.locator('[data-n="per_minute"]')).to_have_text("4")
    expect(board.locator("#fresh")).to_contain_text("Data 1 s old")
    assert board.evaluate("document.body.scrollHeight") == height


def test_paused_updates_hold_still_and_come_back_at_once(board: Page) -> None:
    board.keyboard.press("u")
    expect(board.locator("#live-toggle")).to_have_text("Resume updates")
    pay("R-1")
    sampler.sample(now=timezone.now(), health=[])
    expect(board.locator("#fresh")).to_contain_text("Paused")
    expect(board.locator('[data-n="revenue"]')).to_have_text("€0.00")
    board.keyboard.press("u")
    expect(board.locator('[data-n="revenue"]')).to_have_text("€100.00")


def test_data_over_five_seconds_old_says_so(board: Page) -> None:
    expect(board.locator("#live.is-stale")).to_have_count(1, timeout=9000)
    expect(board.locator("#fresh")).to_have_attribute("data-tone", "warn")
    sampler.sample(now=timezone.now(), health=[])
    expect(board.locator("#live.is-stale")).to_have_count(0)


def test_a_pause_by_somebody_else_changes_the_buttons(board: Page) -> None:
    Campaign.objects.update(state="paused")
    sampler.sample(now=timezone.now(), health=[])
    expect(board.get_by_role("button", name="Resume sale")).to_be_visible()
    expect(board.locator("#wall-bar .badge").first).to_have_text("Paused")


def test_the_sale_is_paused_from_the_board(board: Page) -> None:
    board.get_by_role("button", name="Pause sale").click()
    board.locator("dialog[open] button[type=submit]").click()
    expect(board.get_by_role("button", name="Resume sale")).to_be_visible()
    assert Campaign.objects.get().state == "paused"


def test_three_tabs_share_one_stream(board: Page, edge: Edge) -> None:
    asked: list[str] = []
    board.context.on("request", lambda r: asked.append(r.url))
    tabs = [board.context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto("/campaigns/FS-1/live/")
        expect(tab.locator("#plot-orders .main-svg").first).to_be_visible()
    pay("R-1")
    sampler.sample(now=timezone.now(), health=[])
    for tab in [board, *tabs]:
        expect(tab.locator('[data-n="revenue"]')).to_have_text("€100.00")
    assert not [url for url in asked if "/live/stream/" in url]
    board.close()
    pay("R-2")
    tabs[0].wait_for_timeout(500)
    sampler.sample(now=timezone.now(), health=[])
    for tab in tabs:
        expect(tab.locator('[data-n="revenue"]')).to_have_text("€200.00")


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_scrolls_sideways(board: Page, width: int) -> None:
    board.set_viewport_size({"width": width, "height": 900})
    board.reload()
    assert board.evaluate("document.documentElement.scrollWidth") <= width


def test_points_that_were_missed_are_asked_for_and_not_drawn_as_nought(
    board: Page,
) -> None:
    pay("R-1")
    expect(board.locator("#plot-orders .main-svg").first).to_be_visible()
    with board.expect_response("**/live/curve/") as told:
        sampler.sample(now=timezone.now() + timedelta(seconds=30), health=[])
    curve = told.value.json()
    assert curve["x"][-1] <= timezone.now().timestamp() * 1000


def test_the_filter_of_orders_keeps_the_focus_and_the_address(
    visit: Visit, sale: Campaign
) -> None:
    for n in range(3):
        pay(f"R-{n}")
    page = visit("/orders/", make.user("viewer"))
    page.keyboard.press("/")
    page.keyboard.type("R-2")
    expect(page.locator("#orders tbody tr")).to_have_count(1)
    expect(page.locator("#id_q")).to_be_focused()
    expect(page.locator("#id_q")).to_have_value("R-2")
    assert "q=R-2" in page.url
