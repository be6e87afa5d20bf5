"""Which entry of the navigation an address belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, resolve, reverse

from config.access import access_table
from console.shell import nav
from tests import make

pytestmark = pytest.mark.django_db

OF = {
    r"/campaigns/[^/]+/stock/": "Stock",
    r"/campaigns/[^/]+/capacity/": "Capacity",
    r"/campaigns/[^/]+/live/": "Live",
    r"/campaigns/": "Campaigns",
    r"/calendar/": "Calendar",
    r"/uplift/": "Uplift",
    r"/live/": "Live",
    r"/stock/": "Stock",
    r"/capacity/": "Capacity",
    r"/runbook/": "Capacity",
    r"/orders/": "Orders",
    r"/audit/": "Audit",
    r"/settings/": "Settings",
}
"""The entry of an address, by how it begins; the first that fits."""
APART = ("/account/", "/healthz")
MACHINES = ("/api/", "/calendar/feeds/")
ARGUMENTS: tuple[tuple[object, ...], ...] = (
    (), (1,), ("FS-1",), ("FS-1", 1), ("FS-1", "depth"), ("FS-1", "csv"), ("csv",),
    ("topup",), ("stop",), ("x", UUID(int=1)), ("x", "x"),
)  # fmt: skip


def address(name: str) -> str:
    for arguments in ARGUMENTS:
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


def addresses() -> Iterator[str]:
    """Every address of the console, with something in its gaps."""
    for name in access_table():
        if not name.startswith("api:"):
            url = address(name)
            if not url.startswith(MACHINES):
                yield url


def entry(url: str) -> str:
    """The one that is meant; none of a page outside of the rooms."""
    if url == "/" or url.startswith(APART):
        return ""
    return next(label for start, label in OF.items() if re.match(start, url))


def test_every_address_highlights_the_entry_of_its_room() -> None:
    admin = make.user("admin")
    for url in addresses():
        request = RequestFactory().get(url)
        request.user, request.resolver_match = admin, resolve(url)
        links = [link for _, group in nav.groups(request) for link in group]
        current = [link.label for link in links if link.current]
        assert current == [entry(url)] * bool(entry(url)), url


def test_each_settings_page_highlights_one_tab() -> None:
    admin = make.user("admin")
    for url in addresses():
        request = RequestFactory().get(url)
        request.user, request.resolver_match = admin, resolve(url)
        current = [link.label for link in nav.sub(request) if link.current]
        assert len(current) == url.startswith("/settings/"), url


def test_the_page_says_which_entry_is_current(client: Client) -> None:
    client.force_login(make.user("admin"))
    page = client.get(reverse("campaigns:add_channel")).text
    (item,) = re.findall(r'<a class="nav__item"[^>]*aria-current[^>]*>.*?</a>', page)
    assert "<span>Settings</span>" in item
    own = client.get(reverse("people:tokens")).text
    assert not re.findall(r'<a class="nav__item"[^>]*aria-current', own)
