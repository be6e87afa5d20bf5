"""The evidence page with sales to plot: drawn, told in words, in both themes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.uplift.models import PastSale
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import DESK_LIGHT, PHONE_DARK, clean
from tests.make import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def sales(count: int = 24) -> None:
    """Sales that recover with a half-life of 20 days."""
    make.audience("Everyone")
    for n in range(count):
        days = 3 + 4 * n
        PastSale.objects.create(
            key=f"found:{n}",
            source="found",
            name=f"Sale {n}",
            opens_at=NOW + timedelta(days=n),
            closes_at=NOW + timedelta(days=n + 1),
            offers=[["A", None, None, 0.2]],
            skus=1,
            depth="0.2",
            days_since=days,
            uplift=2 * (1 - 2 ** (-days / 20)),
            result={"actual": 50 + n},
        )


def test_both_plots_are_drawn_and_the_half_life_stands_beside_the_policy(
    visit: Visit,
) -> None:
    sales()
    page = visit("/uplift/", make.user("admin"))
    page.wait_for_selector("#plot-of-rest .js-plotly-plot .scatterlayer .points path")
    assert page.locator("#plot-of-rest .points path").count() == 24
    assert page.locator("#plot-of-depth .points path").count() == 24
    told = page.locator("#half-life").inner_text()
    assert "Your data suggests a half-life of 20 days" in told
    assert "shorter" not in told and "the policy says 21 days" in told
    said = page.locator("#plot-of-rest [role=img]").get_attribute("aria-label") or ""
    assert "24 sales between 3 and 95 days after the previous one" in said
    page.get_by_text("The same as a table").first.click()
    assert page.locator("#plot-of-rest tbody tr").count() == 24
    clean(page, [DESK_LIGHT, PHONE_DARK])
