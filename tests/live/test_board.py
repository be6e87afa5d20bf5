"""The board as a page: at every moment of a sale, old or new, for every role."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.campaigns.models import Campaign
from console.live import sampler, tickets
from console.live.models import Alert
from console.orders.models import Order
from console.stock import operations as stock
from console.stock.rules import Want
from tests import make
from tests.live.conftest import OPENED, pay

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(client: Client) -> Client:
    """Somebody who may run a sale."""
    client.force_login(make.user("operator"))
    return client


def _sold(count: int = 3, skus: int = 1) -> None:
    wants = []
    for n in range(skus):
        one = make.sku(f"S{n}")
        make.level(one, units=50)
        wants.append(Want(one.pk, 50, 5))
    stock.lock("FS-1", wants=wants, actor=None, now=OPENED)
    for n in range(count):
        pay(f"R-{n}", sku=f"S{n % skus}", age_s=n)


def test_the_page_shows_the_last_snapshot_with_its_age(
    sale: Campaign, operator: Client
) -> None:
    _sold(3)
    sampler.sample(now=OPENED + timedelta(seconds=10), health=[])
    page = operator.get("/campaigns/FS-1/live/").content.decode()
    assert 'data-n="revenue">€300.00<' in page
    assert '<tr data-sku="S0">' in page
    assert 'data-at="2026-11-27T20:00:10+01:00"' in page
    for button in ("Pause sale", "Extend", "Kill switch"):
        assert button in page


def test_before_the_first_sample_unknown_is_an_en_dash(
    sale: Campaign, operator: Client
) -> None:
    page = operator.get("/campaigns/FS-1/live/").content.decode()
    assert 'data-n="revenue">–<' in page
    assert 'data-n="per_minute">–<' in page
    assert "No data yet" in page


@pytest.mark.parametrize(
    "state,words",
    [
        ("armed", "until it opens"),
        ("warming", "until it opens"),
        ("live", "left"),
        ("paused", "Resume sale"),
        ("ending", "Ending"),
        ("closed", "Over"),
    ],
)
def test_every_state_has_its_bar(
    sale: Campaign, operator: Client, state: str, words: str
) -> None:
    Campaign.objects.update(state=state)
    assert words in operator.get("/campaigns/FS-1/live/").content.decode()
    assert words in operator.get("/campaigns/FS-1/live/bar/", headers=HTMX).text


def test_a_draft_without_a_date_has_a_board_too(
    sale: Campaign, operator: Client
) -> None:
    Campaign.objects.update(
        state="draft", opens_at=None, closes_at=None, opens_local=None,
        closes_local=None, opened_at=None,
    )  # fmt: skip
    assert operator.get("/campaigns/FS-1/live/").status_code == 200


def test_a_viewer_sees_everything_and_may_change_nothing(
    sale: Campaign, client: Client
) -> None:
    client.force_login(make.user("viewer"))
    page = client.get("/campaigns/FS-1/live/").content.decode()
    for button in ("Pause sale", "Extend", "Kill switch"):
        assert button not in page


def test_without_valkey_the_board_still_answers(
    sale: Campaign, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page reads rows only."""
    sampler.sample(now=OPENED, health=[])
    monkeypatch.setattr(cache, "get", None)
    assert operator.get("/campaigns/FS-1/live/").status_code == 200


@pytest.mark.parametrize("skus", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_skus(
    sale: Campaign,
    operator: Client,
    skus: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _sold(skus, skus)
    sampler.sample(now=OPENED + timedelta(seconds=5), health=[])
    with django_assert_num_queries(8):
        operator.get("/campaigns/FS-1/live/")


def test_a_ticket_opens_its_own_campaign_for_its_own_person(
    sale: Campaign, operator: Client
) -> None:
    told = operator.get("/campaigns/FS-1/live/ticket/").json()
    ticket = told["url"].partition("ticket=")[2]
    assert tickets.holder(ticket, "FS-1") == int(operator.session["_auth_user_id"])
    assert tickets.holder(ticket, "FS-2") is None
    assert operator.get("/campaigns/FS-9/live/ticket/").status_code == 404


def test_live_leads_to_the_running_sale_or_says_there_is_none(
    operator: Client, db: None
) -> None:
    assert "No sale runs" in operator.get("/live/").content.decode()


def test_live_leads_to_the_running_sale(sale: Campaign, operator: Client) -> None:
    assert operator.get("/live/").headers["Location"] == "/campaigns/FS-1/live/"


def test_the_bell_counts_open_alerts_and_one_may_look_after_them(
    sale: Campaign, operator: Client
) -> None:
    sampler.sample(now=OPENED + timedelta(seconds=121), health=[])
    alert = Alert.objects.get(key="drop")
    menu = operator.get("/live/alerts/", headers=HTMX).text
    assert "Alerts, 1 open" in menu and alert.title in menu
    done = operator.post(
        f"/live/alerts/{alert.pk}/ack/", headers={"HX-Request": "true"}
    )
    assert done.status_code == 204
    assert "alert-changed" in json.loads(done.headers["HX-Trigger"])
    alert.refresh_from_db()
    assert alert.acked_by is not None
    Alert.objects.update(closed_at=timezone.now())
    late = operator.post(
        f"/live/alerts/{alert.pk}/ack/", headers={"HX-Request": "true"}
    )
    assert late.status_code == 409


def test_the_curve_has_a_point_for_every_bucket_and_a_forecast(
    sale: Campaign, operator: Client
) -> None:
    _sold(3)
    Order.objects.update(accepted_at=timezone.now() - timedelta(minutes=1))
    Campaign.objects.update(
        opens_at=timezone.now() - timedelta(minutes=5),
        opened_at=timezone.now() - timedelta(minutes=5),
        closes_at=timezone.now() + timedelta(minutes=5),
    )
    page = operator.get("/campaigns/FS-1/live/").content.decode()
    told = page.partition('id="live-curve" type="application/json">')[2]
    curve = json.loads(told.partition("</script>")[0])
    assert curve["bucket_s"] == 1
    assert sum(curve["y"]) == 3
    assert {b - a for a, b in zip(curve["x"], curve["x"][1:], strict=False)} == {1000}
    assert curve["fy"][0] > curve["fy"][-1] > 0
