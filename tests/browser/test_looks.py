"""The look at a page sees what is wrong with it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.looks import DESK_LIGHT, PHONE_DARK, faults

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_barrier_and_what_is_too_wide_are_told_with_their_look(visit: Visit) -> None:
    page = visit("/account/login/")
    assert faults(page, [DESK_LIGHT]) == []
    page.evaluate("document.body.append(document.createElement('img'))")
    told = [one.partition("/ ")[2] for one in faults(page, [DESK_LIGHT])]
    assert "1440 light: image-alt: <img>" in told
    page.evaluate("document.querySelector('body > img').style.width = '900px'")
    found = faults(page, [DESK_LIGHT, PHONE_DARK])
    assert any(one.endswith("390 dark: wider than the page") for one in found)
    assert not any("1440" in one and "wider" in one for one in found)
