"""Placing a draft on the calendar, by keys, by mouse and by finger."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from console.campaigns.models import Campaign
from tests import make
from tests.browser.conftest import Visit
from tests.sandbox.stand import until

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def first_of_next_month() -> datetime:
    return (timezone.now().replace(day=1) + 32 * DAY).replace(
        day=1, hour=12, minute=0, second=0, microsecond=0
    )


@pytest.fixture
def month() -> datetime:
    """A month whose days are all to come, with an armed sale on its tenth."""
    first = first_of_next_month()
    everybody = make.audience("Everyone", min_gap_days=7, zone="UTC")
    make.armed(of=everybody, name="Trail Shoes", opens_at=first + 9 * DAY)
    aino = make.user("merchandiser", name="aino")
    make.campaign(
        of=everybody, name="Advent Lamps", opens_at=first + 1 * DAY, author=aino,
        code="FS-0900",
    )  # fmt: skip
    return first


def opened(visit: Visit, month: datetime) -> Page:
    aino = make.User.objects.get(username="aino")
    return visit(f"/calendar/?at={month:%Y-%m-01}", aino)


def placed() -> datetime | None:
    return Campaign.objects.get(code="FS-0900").opens_local


def day_of(page: Page, number: int) -> Locator:
    return page.locator(".cal__day").nth(number - 1)


class Finger:
    """One finger on the page; its touches keep the element they began on."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", [{"x": x, "y": y}])

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", [{"x": x, "y": y}])

    def up(self) -> None:
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        self._session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )


def test_keys_move_a_draft_and_speak_the_verdict(visit: Visit, month: datetime) -> None:
    page = opened(visit, month)
    page.locator('.ev__b[data-code="FS-0900"]').focus()
    page.keyboard.press("m")
    slider = page.get_by_role("slider", name="Start of Advent Lamps")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuenow", "2")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "5")
    spoken = slider.get_attribute("aria-valuetext") or ""
    assert "not allowed" in spoken
    assert "Trail Shoes" in spoken
    page.keyboard.press("Enter")
    offer = page.get_by_role("button", name="Place on")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Advent Lamps starts")
    expect(page.locator('.ev__b[data-code="FS-0900"]')).to_be_focused()
    allowed = month + 16 * DAY
    assert placed() == allowed.replace(tzinfo=None)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("starts")
    page.wait_for_function(
        "() => document.querySelector('.ev__b[data-code=\"FS-0900\"]')"
    )
    expect(
        page.locator(".ev", has=page.locator('[data-code="FS-0900"]'))
    ).to_have_count(1)
    assert placed() == (month + DAY).replace(tzinfo=None)


def test_a_mouse_drags_a_draft_with_one_request(visit: Visit, month: datetime) -> None:
    page = opened(visit, month)
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    bar = page.locator('.ev__b[data-code="FS-0900"]').bounding_box()
    to = day_of(page, 20).bounding_box()
    assert bar and to
    page.mouse.move(bar["x"] + 8, bar["y"] + 8)
    page.mouse.down()
    page.mouse.move(bar["x"] + 30, bar["y"] + 8, steps=3)
    expect(page.locator(".place__c")).to_be_visible()
    page.mouse.move(to["x"] + to["width"] / 2, bar["y"] + 8, steps=5)
    expect(page.locator(".place__c")).to_contain_text("allowed")
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("Advent Lamps starts")
    assert placed() == (month + 19 * DAY).replace(tzinfo=None)
    assert len([url for url in sent if "/move/" in url]) == 1
    assert page.url.endswith(f"at={month:%Y-%m-01}")


def test_a_drop_on_a_forbidden_day_changes_nothing(
    visit: Visit, month: datetime
) -> None:
    page = opened(visit, month)
    bar = page.locator('.ev__b[data-code="FS-0900"]').bounding_box()
    to = day_of(page, 12).bounding_box()
    assert bar and to
    page.mouse.move(bar["x"] + 8, bar["y"] + 8)
    page.mouse.down()
    page.mouse.move(bar["x"] + 30, bar["y"] + 8, steps=3)
    expect(page.locator(".place__c")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.body).userSelect") == "none"
    page.mouse.move(to["x"] + to["width"] / 2, bar["y"] + 8, steps=5)
    page.mouse.up()
    card = page.locator(".place__c")
    expect(card).to_contain_text("not allowed")
    expect(card).to_contain_text("rest is 7 d")
    expect(card).not_to_contain_text("null")
    assert page.evaluate("() => getSelection().toString()") == ""
    expect(page.locator("body.is-dragging")).to_have_count(0)
    assert placed() == (month + DAY).replace(tzinfo=None)
    card.get_by_role("button", name="Place on").click()
    expect(page.locator("#toasts")).to_contain_text("Advent Lamps starts")
    assert placed() == (month + 16 * DAY).replace(tzinfo=None)


def test_length_is_changed_before_dropping(visit: Visit, month: datetime) -> None:
    page = opened(visit, month)
    page.locator('.ev__b[data-code="FS-0900"]').focus()
    page.keyboard.press("m")
    card = page.locator(".place__c")
    expect(card).to_contain_text("12:00 for 2 h")
    card.get_by_role("button", name="Longer").click()
    expect(card).to_contain_text("12:00 for 3 h")
    page.keyboard.press("End")
    expect(card).to_contain_text("allowed")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Advent Lamps starts")
    moved = Campaign.objects.get(code="FS-0900")
    assert moved.opens_local and moved.closes_local
    assert moved.closes_local - moved.opens_local == timedelta(hours=3)


def test_a_draft_without_a_date_is_placed_and_escape_gives_up(
    visit: Visit, month: datetime
) -> None:
    everybody = Campaign.objects.get(code="FS-0900").audience
    make.campaign(of=everybody, name="Someday", opens_local=None, closes_local=None)
    page = opened(visit, month)
    place = page.locator(".draft", has_text="Someday").get_by_role("button")
    place.click()
    expect(page.get_by_role("slider", name="Start of Someday")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".place")).to_have_count(0)
    expect(place).to_be_focused()
    place.click()
    expect(page.get_by_role("slider", name="Start of Someday")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Someday starts")
    expect(page.locator(".draft", has_text="Someday")).to_have_count(0)
    expect(page.locator(".ev__b:focus")).to_have_accessible_name(re.compile("Someday"))


def test_the_end_of_a_bar_is_dragged_and_its_start_stays(
    visit: Visit, month: datetime
) -> None:
    page = opened(visit, month)
    bar = page.locator('.ev__b[data-code="FS-0900"]')
    bar.hover()
    box, to = bar.bounding_box(), day_of(page, 3).bounding_box()
    assert box and to
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 8, box["y"] + 16, steps=3)
    expect(page.locator(".place__c")).to_be_visible()
    page.mouse.move(to["x"] + to["width"] / 2, box["y"] + 16, steps=3)
    expect(page.locator(".place__c")).to_contain_text("12:00 for 1 d 2 h")
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("Advent Lamps starts")
    moved = Campaign.objects.get(code="FS-0900")
    assert moved.opens_local == (month + DAY).replace(tzinfo=None)
    assert moved.closes_local == moved.opens_local + timedelta(hours=26)


def test_a_finger_drops_a_draft_and_the_next_tap_is_not_lost(
    visit: Visit, month: datetime
) -> None:
    everybody = Campaign.objects.get(code="FS-0900").audience
    make.campaign(of=everybody, name="Someday", opens_local=None, closes_local=None)
    aino = make.User.objects.get(username="aino")
    there = f"/calendar/?at={month:%Y-%m-01}"
    page = visit(there, aino, width=390, height=844, has_touch=True, is_mobile=True)
    grip = page.locator(".draft", has_text="Someday").locator(".i").first
    box, to = grip.bounding_box(), day_of(page, 3).bounding_box()
    lane = page.locator(".lane").first.bounding_box()
    assert box and to and lane
    finger = Finger(page)
    finger.down(box["x"] + 8, box["y"] + 8)
    finger.move(box["x"] + 20, box["y"] - 20)
    expect(page.locator(".place__c")).to_be_visible()
    finger.move(to["x"] + to["width"] / 2, lane["y"] + 20)
    finger.up()
    expect(page.locator("#toasts")).to_contain_text("Someday starts")
    page.locator("#calendar .seg label", has_text="Quarter").tap()
    page.wait_for_url("**zoom=quarter**")


def test_a_finger_moves_a_bar_and_then_drags_its_end(
    visit: Visit, month: datetime
) -> None:
    aino = make.User.objects.get(username="aino")
    there = f"/calendar/?at={month:%Y-%m-01}"
    page = visit(there, aino, width=1024, height=900, has_touch=True)
    finger, toasts = Finger(page), page.locator("#toasts")
    bar = page.locator('.ev__b[data-code="FS-0900"]')
    box, to = bar.bounding_box(), day_of(page, 20).bounding_box()
    assert box and to
    finger.down(box["x"] + 8, box["y"] + 10)
    finger.move(box["x"] + 40, box["y"] + 10)
    expect(page.locator(".place__c")).to_be_visible()
    finger.move(to["x"] + to["width"] / 2, box["y"] + 10)
    expect(page.locator(".place__c")).to_contain_text("allowed")
    finger.up()
    expect(toasts).to_contain_text("Advent Lamps starts")
    assert placed() == (month + 19 * DAY).replace(tzinfo=None)
    until(lambda: _left(bar) == pytest.approx(_left(day_of(page, 20)), abs=10))
    page.wait_for_load_state("networkidle")
    box, to = bar.bounding_box(), day_of(page, 21).bounding_box()
    assert box and to
    finger.down(box["x"] + box["width"] - 3, box["y"] + 16)
    finger.move(box["x"] + box["width"] + 20, box["y"] + 16)
    expect(page.locator(".place__c")).to_be_visible()
    finger.move(to["x"] + to["width"] / 2, box["y"] + 16)
    expect(page.locator(".place__c")).to_contain_text("12:00 for 1 d 2 h")
    with page.expect_response("**/move/"):
        finger.up()
    moved = Campaign.objects.get(code="FS-0900")
    assert moved.opens_local == (month + 19 * DAY).replace(tzinfo=None)
    assert moved.closes_local == moved.opens_local + timedelta(hours=26)


def test_shift_and_an_arrow_change_the_length(visit: Visit, month: datetime) -> None:
    page = opened(visit, month)
    page.locator('.ev__b[data-code="FS-0900"]').focus()
    page.keyboard.press("m")
    card = page.locator(".place__c")
    expect(card).to_contain_text("12:00 for 2 h")
    page.keyboard.press("Shift+ArrowRight")
    expect(card).to_contain_text("12:00 for 3 h")
    page.keyboard.press("Shift+ArrowLeft")
    expect(card).to_contain_text("12:00 for 2 h")


def _left(there: Locator) -> float:
    """Where it begins; far away while it is drawn anew."""
    box = there.bounding_box()
    return box["x"] if box else -1000
