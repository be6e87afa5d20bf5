"""Every page of a retailer with one armed sale: no barrier, no sideways scroll."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from console.campaigns.models import Campaign
from tests import make
from tests.browser.conftest import Visit
from tests.browser.test_frame import barriers

pytestmark = pytest.mark.django_db(transaction=True)

OF_A_SALE = ["", "stock/", "capacity/", "live/", "report/", "activity/"]
OF_A_SALE += ["changes/", "amend/", "people/", "as-of/", "clone/", "template/"]
OTHERS = [
    "/calendar/",
    "/calendar/?zoom=quarter",
    "/calendar/?zoom=year",
    "/calendar/?by=market",
    "/calendar/freezes/",
    "/calendar/freezes/new/",
    "/calendar/subscribe/",
    "/campaigns/",
    "/campaigns/new/",
    "/settings/markets/",
    "/settings/markets/new/",
    "/campaigns/templates/",
    "/stock/levels/",
    "/capacity/profiles/",
    "/orders/",
    "/audit/",
    "/uplift/",
    "/uplift/history/",
    "/uplift/history/import/",
    "/uplift/sales/add/",
    "/settings/fatigue/",
    "/settings/prices/",
    "/settings/providers/",
    "/settings/providers/add/",
    "/settings/people/",
    "/settings/people/add/",
]
DESK_LIGHT, DESK_DARK = (1440, "light"), (1440, "dark")
PHONE_LIGHT, PHONE_DARK = (390, "light"), (390, "dark")


@pytest.fixture
def sale(db: None) -> Campaign:
    make.connection("shop", driver="sandbox_shop")
    make.profile("web")
    return make.armed()


def clean(page: Page, looks: list[tuple[int, str]]) -> None:
    """No barrier and nothing wider than the page, in each of these looks."""
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        # Without motion, or colours would be measured on their way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], (width, scheme)
        wider = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wider) <= 0, (width, scheme)


@pytest.mark.parametrize("tab", OF_A_SALE)
def test_a_page_of_a_sale_is_clean(visit: Visit, sale: Campaign, tab: str) -> None:
    page = visit(f"/campaigns/{sale.code}/{tab}", make.user("admin"))
    clean(page, [DESK_LIGHT, PHONE_DARK])


def test_the_evidence_of_a_sale_is_clean(visit: Visit, sale: Campaign) -> None:
    page = visit(f"/settings/prices/evidence/{sale.code}/", make.user("admin"))
    clean(page, [DESK_LIGHT, PHONE_DARK])


@pytest.mark.parametrize("path", OTHERS)
def test_a_page_is_clean(visit: Visit, sale: Campaign, path: str) -> None:
    clean(visit(path, make.user("admin")), [DESK_LIGHT, PHONE_DARK])


@pytest.mark.soak
@pytest.mark.parametrize("tab", OF_A_SALE)
def test_a_page_of_a_sale_is_clean_in_every_look(
    visit: Visit, sale: Campaign, tab: str
) -> None:
    page = visit(f"/campaigns/{sale.code}/{tab}", make.user("admin"))
    clean(page, [DESK_DARK, PHONE_LIGHT])


@pytest.mark.soak
@pytest.mark.parametrize("path", OTHERS)
def test_a_page_is_clean_in_every_look(visit: Visit, sale: Campaign, path: str) -> None:
    clean(visit(path, make.user("admin")), [DESK_DARK, PHONE_LIGHT])


def test_the_sections_of_a_plan_are_clean_open(visit: Visit, db: None) -> None:
    one = make.campaign()
    page = visit(f"/campaigns/{one.code}/", one.author)
    for line in page.locator(".disclose--row > summary").all():
        line.press("Enter")
    clean(page, [DESK_LIGHT, DESK_DARK, PHONE_LIGHT, PHONE_DARK])
