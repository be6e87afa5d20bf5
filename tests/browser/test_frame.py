"""The frame in a real browser: both themes, both widths, no breach, no barrier."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import DESK_DARK, DESK_LIGHT, LOOKS, barriers, clean

pytestmark = pytest.mark.django_db(transaction=True)

ALL, BARE = "/settings/components/", "/nowhere/"
"""Everything there is, with a chart; and a page that has the frame and little else."""
PAGES = [ALL, "/settings/doctor/", BARE]


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier_and_no_sideways_scroll(visit: Visit, path: str) -> None:
    clean(visit(path, make.user("admin")), LOOKS)


def test_the_login_page_has_no_barrier(visit: Visit) -> None:
    clean(visit("/account/login/"), [DESK_LIGHT, DESK_DARK])


def test_lengths_from_data_reach_the_page(visit: Visit) -> None:
    page = visit(ALL, make.user("admin"))
    bar = page.locator(".bar > i").first
    assert bar.evaluate("e => e.style.getPropertyValue('--v')") == "70.0"


def test_the_theme_is_kept(visit: Visit) -> None:
    page = visit(BARE, make.user("viewer"), color_scheme="light")
    page.locator(".userbtn").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_function("localStorage.getItem('theme') === 'dark'")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_palette_leads_somewhere(visit: Visit) -> None:
    page = visit(BARE, make.user("admin"))
    page.keyboard.press("Control+k")
    page.keyboard.type("doctor")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/doctor/")


def test_the_palette_keeps_what_is_typed_as_it_opens(visit: Visit) -> None:
    page = visit(BARE, make.user("admin"))
    kept = page.evaluate(
        """async () => {
            const palette = document.querySelector("#palette");
            const input = document.querySelector("#palette-q");
            palette.showModal();
            input.value = "doctor";
            await new Promise((r) => palette.addEventListener("toggle", r));
            return [input.value, document.activeElement === input];
        }"""
    )
    assert kept == ["doctor", True]


def test_the_palette_opens_empty_again(visit: Visit) -> None:
    page = visit(BARE, make.user("admin"))
    page.keyboard.press("Control+k")
    page.keyboard.type("doctor")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_have_value("")


def test_a_blocked_act_says_why(visit: Visit) -> None:
    page = visit(ALL, make.user("viewer"))
    page.get_by_role("button", name="Not yet").click(force=True)
    expect(page.locator(".toast")).to_contain_text("Fix 1 blocker first")


def test_ticks_open_the_bulk_bar(visit: Visit) -> None:
    page = visit(ALL, make.user("viewer"))
    page.get_by_label("Select FS-0039").check()
    expect(page.locator(".bulkbar b")).to_have_text("2 selected")
    page.get_by_label("Clear selection").click()
    expect(page.locator(".bulkbar")).to_be_hidden()


def test_the_chart_is_drawn(visit: Visit) -> None:
    page = visit(ALL, make.user("viewer"))
    expect(page.locator(".plot .main-svg").first).to_be_visible()


OVERLAYS = {
    "palette": (BARE, ".searchbtn"),
    "clock": (BARE, ".clock"),
    "account": (BARE, ".userbtn"),
    "dialog": (ALL, "button[commandfor=ex-dlg]"),
    "menu": (ALL, "button[popovertarget=ex-pop]"),
}


@pytest.mark.parametrize("path,button", OVERLAYS.values(), ids=OVERLAYS)
def test_what_floats_has_no_barrier(visit: Visit, path: str, button: str) -> None:
    page = visit(path, make.user("admin"))
    page.locator(button).click()
    page.wait_for_timeout(300)
    clean(page, [DESK_LIGHT, DESK_DARK])


def test_the_nav_stays_in_sight_of_a_long_page(visit: Visit) -> None:
    page = visit(ALL, make.user("admin"))
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("link", name="Calendar").first).to_be_in_viewport()


def test_on_a_phone_the_nav_is_a_drawer(visit: Visit) -> None:
    page = visit(BARE, make.user("admin"), width=390)
    expect(page.locator("#nav")).to_be_hidden()
    page.get_by_label("Open menu").click()
    expect(page.locator("#nav")).to_be_visible()
    assert barriers(page) == []


def test_keys_are_listed_and_can_be_switched_off(visit: Visit) -> None:
    page = visit(BARE, make.user("admin"))
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


UNDER = """() => {
  const tools = document.querySelector(".top__right").getBoundingClientRect();
  const way = [...document.querySelectorAll(".top .crumbs li, .top .env")]
    .filter((one) => one.checkVisibility());
  return way.filter((one) => one.getBoundingClientRect().right > tools.left)
    .map((one) => one.textContent.trim());
}"""


@pytest.mark.parametrize("width", [640, 768, 900, 1024, 1100, 1280])
def test_the_tools_never_cover_the_way_here(visit: Visit, width: int) -> None:
    code = make.armed(name="The longest name of a sale that anybody ever saw").code
    sale = f"/campaigns/{code}/"
    page = visit("/calendar/", make.user("admin"), width=width)
    for path in ("", sale, f"{sale}stock/", f"{sale}live/", "/settings/people/"):
        page.goto(path or "/calendar/")
        assert page.evaluate(UNDER) == [], path
        here = page.locator(".crumbs [aria-current]").bounding_box()
        assert here is not None and here["width"] > 12, path
