"""Parts of pages: htmx swaps them in, a browser that asks for one gets its page."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from config.smoke.crawl import LEFT_OUT, LINK, shape
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from tests import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sale(client: Client) -> Campaign:
    make.connection("shop", driver="sandbox_shop")
    make.connection("erp", driver="sandbox_erp")
    make.profile("web")
    client.force_login(make.user("admin"))
    made = make.armed(budget_units=5)
    campaigns.warm(made.code, actor=None, now=make.NOW)
    return made


def test_who_opens_a_part_is_led_to_its_page_with_the_query(
    client: Client, sale: Campaign
) -> None:
    part = reverse("campaigns:lines", args=[sale.code]) + "?q=SKU&page=1"
    page = reverse("campaigns:plan", args=[sale.code]) + "?q=SKU&page=1"
    assert client.get(part).url == page
    boosted = client.get(part, headers=HTMX | {"HX-Boosted": "true"})
    assert boosted.url == page
    swapped = client.get(part, headers=HTMX)
    assert swapped.status_code == 200
    assert swapped.text.lstrip().startswith("<section")


@pytest.mark.parametrize(
    "part,page",
    [
        ("/campaigns/{}/head/?tab=stock", "/campaigns/{}/?tab=stock"),
        ("/campaigns/{}/told/", "/campaigns/{}/"),
        ("/campaigns/{}/soon/", "/campaigns/{}/"),
        ("/campaigns/{}/verdict/", "/campaigns/{}/"),
        ("/campaigns/{}/live/bar/", "/campaigns/{}/live/"),
        ("/campaigns/next/", "/campaigns/"),
        ("/live/alerts/", "/live/"),
        ("/orders/letters/", "/orders/"),
        ("/stock/{}/movements/", "/campaigns/{}/stock/"),
    ],
)
def test_each_part_leads_to_the_page_it_is_part_of(
    client: Client, sale: Campaign, part: str, page: str
) -> None:
    assert client.get(part.format(sale.code)).url == page.format(sale.code)


def test_a_dialog_leads_to_the_page_of_what_it_is_about(
    client: Client, sale: Campaign
) -> None:
    from console.stock.models import Allocation

    one = Allocation.objects.get(campaign=sale.code)
    led = client.get(reverse("stock:topup", args=[one.pk]))
    assert led.url == reverse("campaigns:stock", args=[sale.code])


def test_no_address_that_is_linked_answers_a_browser_with_a_bare_part(
    client: Client, sale: Campaign
) -> None:
    waiting, seen, bare = ["/", reverse("campaigns:plan", args=[sale.code])], set(), []
    while waiting:
        link = waiting.pop()
        if shape(link) in seen or LEFT_OUT.search(link.partition("?")[0]):
            continue
        seen.add(shape(link))
        alone = client.get(link)
        if alone.status_code == 200 and "html" in alone["Content-Type"]:
            bare += [] if "<html" in alone.text else [link]
        both = [alone, client.get(link, headers=HTMX)]
        waiting += [one.url for one in both if one.status_code == 302]
        for one in both:
            if "html" in one.get("Content-Type", "") and one.status_code == 200:
                waiting += map(html.unescape, LINK.findall(one.text))
    assert len(seen) > 60
    assert bare == []
