"""What a freeze would hit, said before it is saved, and what its markets are called."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.queries.freezes import hits
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_freezes import DAY, HTMX, blockers, frozen
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def test_the_form_lists_the_sales_it_would_hit(client: Client) -> None:
    market("FR", name="France"), market("DE", name="Germany")
    armed, draft = make.armed(markets=["FR"]), make.campaign(markets=["FR"])
    german, later = make.campaign(markets=["DE"]), make.campaign(opens_at=NOW + 9 * DAY)
    Sku.objects.filter(pk=draft.lines.get().sku_id).update(category="Boots")
    client.force_login(make.user("operator"))
    url = reverse("campaigns:freeze_sales")
    assert armed.opens_local
    day = armed.opens_local.date()
    said = {"starts": f"{day}T00:00", "ends": f"{day + DAY}T23:00", "markets": "FR"}
    half = client.get(url, {"starts": said["starts"]}, headers=HTMX)
    assert "Enter both times" in half.text
    told = client.get(url, said, headers=HTMX)
    assert {one.campaign for one in told.context["hits"]} == {armed, draft}
    assert "Concerns 2 sales" in told.text
    assert "Armed: is suspended as soon as you save" in told.text
    assert "Draft: cannot be submitted" in told.text
    assert german.code not in told.text
    assert later.code not in told.text
    boots = client.get(url, said | {"category": "Boots"}, headers=HTMX)
    assert [one.campaign for one in boots.context["hits"]] == [draft]
    none = client.get(url, said | {"category": "Hats"}, headers=HTMX)
    assert "No sale that is planned runs then" in none.text
    assert client.get(url, said)["Location"].startswith(reverse("campaigns:freeze"))


def test_what_the_form_lists_is_what_the_freeze_stops(client: Client) -> None:
    market("FR"), market("DE")
    sales = [make.campaign(markets=there) for there in (["FR"], ["DE"], [])]
    Sku.objects.filter(pk=sales[2].lines.get().sku_id).update(category="Boots")
    for category, markets in (("", ["FR"]), ("Boots", []), ("Boots", ["DE"]), ("", [])):
        listed = hits(NOW, NOW + DAY, category=category, markets=markets)
        held = frozen(NOW, NOW + DAY, category=category, markets=markets)
        assert {one.campaign for one in listed} == {
            one for one in sales if blockers(one)
        }
        campaigns.lift(held.pk, actor=make.user("operator"), now=NOW)


def test_a_freeze_calls_its_markets_as_the_form_does(client: Client) -> None:
    market("DACH", "DE", "AT", name="Germany and Austria"), make.campaign()
    frozen(NOW, NOW + DAY, markets=["DACH"])
    client.force_login(make.user("operator"))
    name = "Germany and Austria"
    assert name in client.get(reverse("campaigns:freeze")).text
    rows = client.get(reverse("campaigns:freezes")).text
    assert f'data-label="Concerns">{name}<' in rows
    page = client.get("/calendar/?at=2026-11-27").text
    assert f"ERP migration ({name})" in page
