"""The page frame: what it shows to whom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> str:
    """A page of the console, as an operator sees it."""
    client.force_login(make.user("operator", name="tomasz"))
    return client.get(reverse("shell:doctor")).content.decode()


def test_the_frame_has_skip_link_nav_and_main(page: str) -> None:
    assert 'class="skip" href="#main"' in page
    assert '<nav id="nav"' in page
    assert '<main class="main" id="main"' in page


def test_the_frame_carries_the_csrf_token_once(page: str) -> None:
    assert page.count("hx-headers=") == 1
    assert '"allowEval":false' in page.replace("&quot;", '"')
