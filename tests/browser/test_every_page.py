"""Every page of a retailer with one armed sale: no barrier, no sideways scroll.

One browser walks a room's pages one after the other: what they share comes only once.
"""

from __future__ import annotations

import pytest

from console.campaigns.models import Campaign
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import (
    DESK_DARK,
    DESK_LIGHT,
    LOOKS,
    PHONE_DARK,
    PHONE_LIGHT,
    Look,
    clean,
    faults,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

SALE = "/campaigns/{code}/"
WALKS = {
    "sale": [SALE, *(f"{SALE}{tab}/" for tab in ("stock", "capacity", "live"))],
    "sale later": [f"{SALE}{tab}/" for tab in ("report", "activity", "as-of")]
    + ["/settings/prices/evidence/{code}/"],
    "changes": [f"{SALE}{tab}/" for tab in ("changes", "amend", "people")]
    + [f"{SALE}{tab}/" for tab in ("clone", "template")],
    "calendar": [
        "/calendar/",
        "/calendar/?zoom=quarter",
        "/calendar/?zoom=year",
        "/calendar/?by=market",
    ],
    "freezes": [
        "/calendar/freezes/",
        "/calendar/freezes/new/",
        "/calendar/occasions/",
        "/calendar/occasions/new/",
        "/calendar/subscribe/",
    ],
    "campaigns": [
        "/campaigns/",
        "/campaigns/new/",
        "/campaigns/templates/",
        "/settings/markets/",
        "/settings/markets/new/",
    ],
    "running": [
        "/stock/levels/",
        "/stock/buffers/",
        "/capacity/profiles/",
        "/orders/",
        "/audit/",
    ],
    "uplift": [
        "/uplift/",
        "/uplift/history/",
        "/uplift/history/import/",
        "/uplift/sales/add/",
    ],
    "settings": [
        "/settings/fatigue/",
        "/settings/prices/",
        "/settings/catalogue/",
        "/settings/providers/",
        "/settings/providers/add/",
        "/settings/people/",
        "/settings/people/add/",
    ],
}


@pytest.fixture
def sale(db: None) -> Campaign:
    make.connection("shop", driver="sandbox_shop")
    make.profile("web")
    return make.armed()


def _walked(visit: Visit, paths: list[str], looks: list[Look]) -> list[str]:
    """What is wrong anywhere on the walk."""
    width, scheme = looks[0]
    first, *others = paths
    page = visit(first, make.user("admin"), width=width, color_scheme=scheme)
    found = faults(page, looks)
    for path in others:
        page.goto(path)
        found += faults(page, looks)
    return found


def _walk(name: str, sale: Campaign) -> list[str]:
    return [path.format(code=sale.code) for path in WALKS[name]]


@pytest.mark.parametrize("name", WALKS)
def test_every_page_is_clean(visit: Visit, sale: Campaign, name: str) -> None:
    assert _walked(visit, _walk(name, sale), [DESK_LIGHT, PHONE_DARK]) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", WALKS)
def test_every_page_is_clean_in_the_other_looks(
    visit: Visit, sale: Campaign, name: str
) -> None:
    assert _walked(visit, _walk(name, sale), [DESK_DARK, PHONE_LIGHT]) == []


def test_the_sections_of_a_plan_are_clean_open(visit: Visit, db: None) -> None:
    one = make.campaign()
    page = visit(f"/campaigns/{one.code}/", one.author)
    for line in page.locator(".disclose--row > summary").all():
        line.press("Enter")
    clean(page, LOOKS)
