"""A draft that is dragged to its day before the server has judged the days."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)
JUDGED = re.compile(r"/place/\?")


def test_the_ghost_begins_where_the_drag_is_by_then(visit: Visit) -> None:
    first = (timezone.now().replace(day=1, hour=12) + timedelta(days=32)).replace(day=1)
    aino = make.user("merchandiser", name="aino")
    make.campaign(opens_at=first + timedelta(days=1), author=aino, code="FS-0900")
    page = visit(f"/calendar/?at={first:%Y-%m-01}", aino)
    waiting: list[Route] = []
    page.route(JUDGED, lambda route: waiting.append(route))
    bar = page.locator('.ev__b[data-code="FS-0900"]').bounding_box()
    to = page.locator(".cal__day").nth(19).bounding_box()
    assert bar and to
    page.mouse.move(bar["x"] + 8, bar["y"] + 8)
    page.mouse.down()
    with page.expect_request(JUDGED):
        page.mouse.move(to["x"] + to["width"] / 2, bar["y"] + 8, steps=4)
    waiting.pop().continue_()
    day = first + timedelta(days=19)
    expect(page.locator(".place__h")).to_contain_text(f"{day:%a} {day.day} {day:%b}")
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("starts")
