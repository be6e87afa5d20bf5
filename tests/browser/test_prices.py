"""Prices to decide and evidence, as a person clicks through them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from console.prices import evidence
from console.prices.models import Conflict
from console.prices.rules.reverting import Why
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import DESK_LIGHT, LOOKS, clean
from tests.prices.test_conflicts import conflict
from tests.prices.test_evidence import sale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told() -> Iterator[None]:
    """A sale whose facts are known."""
    facts = {"FS-1": sale()}
    evidence.told_by(facts.get)
    yield
    evidence._sources.remove(facts.get)


def test_a_price_is_decided_in_two_clicks(visit: Visit) -> None:
    conflict(sku="LAMP", found_campaign="FS-0002", why=Why.OTHER_SALE)
    page = visit("/settings/prices/conflicts/", make.user("merchandiser"))
    clean(page, LOOKS)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Keep €77.00").click()
    dialog = page.get_by_role("dialog")
    clean(page, [DESK_LIGHT])
    dialog.get_by_role("button", name="Keep €77.00").click()
    expect(page.get_by_text("LAMP stays at €77.00")).to_be_visible()
    expect(page.locator("#conflicts")).to_contain_text("Kept")
    expect(page.locator("#conflicts")).to_contain_text("0 open")
    assert Conflict.objects.get().choice == "keep"


@pytest.mark.usefixtures("told")
def test_the_evidence_is_clean_and_its_seal_is_kept(visit: Visit) -> None:
    page = visit("/settings/prices/evidence/FS-1/", make.user("merchandiser"))
    clean(page, LOOKS)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Write seal into the trail").click()
    expect(page.get_by_text("The seal of FS-1 is in the trail")).to_be_visible()
    expect(page.get_by_text("Not yet")).to_have_count(0)
