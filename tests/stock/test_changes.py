"""What people decided about a lock is told in full, a page at a time."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.stock import operations as stock
from console.stock.models import Allocation
from tests import make
from tests.make import NOW
from tests.stock.test_certificate_page import ended

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_every_change_is_a_page_away(viewer: Client) -> None:
    one = make.allocation(quantity=100)
    for n in range(44):
        buffer, version = n % 2 + 1, Allocation.objects.get().version
        terms = {"quantity": 100, "buffer": buffer, "version": version}
        stock.resize(one.pk, **terms, reason=f"r{n}", actor=None, now=NOW)
    url, seen, before = reverse("stock:movements", args=["FS-1"]), [], None
    while True:
        reply = viewer.get(url, {"before": before} if before else {}, **HTMX)
        seen += [change.reason for change in reply.context["changes"]]
        before = reply.context["earlier"]
        assert ("Older" in reply.text) == bool(before)
        if not before:
            break
    assert "Newest" in reply.text
    assert seen == [*(f"r{n}" for n in reversed(range(44))), ""]
    assert viewer.get(url, {"before": "nonsense"}, **HTMX).status_code == 200


def test_that_a_sale_was_certified_is_one_of_them(viewer: Client) -> None:
    ended()
    page = viewer.get(reverse("stock:movements", args=["FS-1"]), **HTMX).text
    assert "1 SKU certified, 0 oversold" in page and "2 unsold units given back" in page
