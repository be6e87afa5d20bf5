"""The lasting offer to take the last change of a plan back, on the page of the plan."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms, Terms
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HTMX = {"HX-Request": "true"}


def page(client: Client, one: Campaign, tab: str = "plan") -> str:
    return client.get(reverse(f"campaigns:{tab}", args=[one.code])).text


def moved(one: Campaign, *, days: int) -> Campaign:
    assert one.opens_local
    assert one.closes_local
    by = timedelta(days=days)
    return campaigns.move(
        one.code,
        opens_local=one.opens_local + by,
        closes_local=one.closes_local + by,
        version=one.version,
        actor=one.author,
        now=NOW,
    )


def test_a_change_of_a_line_is_taken_back_from_the_plan(merchant: Client) -> None:
    one = make.campaign()
    assert 'id="undo-last"' not in page(merchant, one)
    line = one.lines.get()
    url = reverse("campaigns:edit_line", args=[one.code, line.pk])
    merchant.post(url, {"sale_price": "65", "version": line.version}, headers=HTMX)
    shown = page(merchant, one)
    undo = reverse("campaigns:undo", args=[one.code, one.undo.pk])
    assert f'hx-post="{undo}"' in shown
    assert f'aria-label="Undo: Changed {line.sku.code}"' in shown
    part = reverse("campaigns:head", args=[one.code])
    head = merchant.get(part, {"tab": "plan"}, headers=HTMX)
    assert undo in head.text
    assert undo not in page(merchant, one, "activity")
    merchant.post(undo, headers=HTMX)
    line.refresh_from_db()
    assert line.sale_price == 70
    assert 'id="undo-last"' not in page(merchant, one)


def test_a_move_is_taken_back_from_the_plan(merchant: Client) -> None:
    one = make.campaign()
    was = one.opens_local
    one = moved(one, days=3)
    shown = page(merchant, one)
    assert "Last change: Moved" in shown
    assert was
    back = {
        "opens": f"{was:%Y-%m-%dT%H:%M:%S}",
        "closes": f"{was + (one.closes_local - one.opens_local):%Y-%m-%dT%H:%M:%S}",  # type: ignore[operator]
        "version": str(one.version),
        "back": "1",
    }
    for name, value in back.items():
        assert f'name="{name}" value="{value}"' in shown
    reply = merchant.post(reverse("campaigns:move", args=[one.code]), back)
    assert reply["Location"] == reverse("campaigns:plan", args=[one.code])
    one.refresh_from_db()
    assert one.opens_local == was


def test_a_move_is_not_offered_once_something_else_was_done(merchant: Client) -> None:
    one = moved(make.campaign(), days=3)
    line = one.lines.get()
    campaigns.edit_line(
        line.pk,
        values=LineTerms(Decimal(65)),
        version=line.version,
        actor=one.author,
        now=NOW,
    )
    shown = page(merchant, one)
    assert "Last change: Moved" not in shown
    assert f"Last change of products: Changed {line.sku.code}" in shown


def test_after_a_change_of_terms_the_offer_says_it_is_of_the_products(
    merchant: Client,
) -> None:
    one = make.campaign()
    line = one.lines.get()
    campaigns.edit_line(
        line.pk,
        values=LineTerms(Decimal(65)),
        version=line.version,
        actor=one.author,
        now=NOW,
    )
    one = moved(one, days=3)
    one.refresh_from_db()
    said = {name: getattr(one, name) for name in Terms.__dataclass_fields__}
    campaigns.edit(
        one.code,
        terms=Terms(**said | {"name": "Later"}),
        version=one.version,
        actor=one.author,
        now=NOW,
    )
    shown = page(merchant, one)
    assert "Last change:" not in shown
    assert f"Last change of products: Changed {line.sku.code}" in shown
    assert f'aria-label="Undo: Changed {line.sku.code}"' in shown


def test_who_may_not_edit_is_offered_nothing(client: Client) -> None:
    one = moved(make.campaign(), days=3)
    client.force_login(make.user("viewer"))
    assert 'id="undo-last"' not in page(client, one)
    sent = make.submitted()
    client.force_login(make.user("merchandiser"))
    assert 'id="undo-last"' not in page(client, sent)
