"""The pager below a list: the pages near this one, the ends, and gaps between."""

from __future__ import annotations

import re

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory


def shown(here: int, pages: int) -> str:
    """The pager as read: numbers, gaps, and the current page in brackets."""
    request = RequestFactory().get("/", {"q": "jacket", "page": here})
    page = Paginator(range(pages * 10), 10).get_page(here)
    html = render_to_string("shell/_pager.html", {"page": page}, request)
    assert html.count("q=jacket") == html.count("<a ")
    parts = re.findall(r"<(?:a|span)\b([^>]*)>(\d+|…)</", html.partition("<nav")[2])
    return " ".join(f"[{text}]" if "current" in tag else text for tag, text in parts)


@pytest.mark.parametrize(
    ("here", "pages", "expected"),
    [
        (1, 3, "[1] 2 3"),
        (1, 20, "[1] 2 … 19 20"),
        (10, 20, "1 2 … 9 [10] 11 … 19 20"),
        (20, 20, "1 2 … 19 [20]"),
        (1, 1, ""),
    ],
)
def test_a_pager_shows_the_ends_and_what_is_near(
    here: int, pages: int, expected: str
) -> None:
    assert shown(here, pages) == expected
