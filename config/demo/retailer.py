"""Sets up Tarn & Fell: people, goods, stock, connections and profiles."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group, User

from config.demo import calendar, world
from config.demo.catalogue import PRODUCTS
from console.campaigns import operations as campaigns
from console.campaigns.operations import MarketTerms
from console.capacity.models import ServiceProfile
from console.fatigue import operations as fatigue
from console.fatigue import rules
from console.fatigue.rules import Limits
from console.orders.models import Destination
from console.prices import operations as prices
from console.providers.models import Connection
from console.shell import demo
from console.stock.models import ApiToken, Level, Location, Sku
from console.stock.operations import LevelSize, adjust
from console.stock.rules import Reason

SCOPES = ["gate.read", "gate.reserve", "gate.confirm"]
AUDIENCES = [
    # name, people, days of rest, most sales in 30 days
    ("Everyone", 412_000, 7, 4),
    ("Members", 96_000, 7, 4),
    ("App users", 58_000, 5, 5),
]


def people() -> None:
    """Make the people of the login page."""
    for person in demo.PEOPLE:
        first, last = person.name.split()
        user = User.objects.create_user(
            person.username, password=demo.PASSWORD, first_name=first, last_name=last
        )
        user.groups.set(Group.objects.filter(name=person.role.value))


def goods(*, now: datetime) -> None:
    """Put every product on the shelves of the one warehouse."""
    location = Location.objects.create(name="Hamburg")
    for product in PRODUCTS:
        sku = Sku.objects.create(
            code=product.code,
            name=product.name,
            variant=product.variant,
            category=product.category,
            regular_price=product.regular,
            cost=product.cost,
        )
        level = Level.objects.create(sku=sku, location=location)
        adjust(
            level.pk,
            size=LevelSize(product.on_hand, product.committed, buffer=0),
            version=level.version,
            reason=Reason.COUNT,
            actor=None,
            now=now,
        )


def gate_token(*, now: datetime) -> str:
    """Make the key with which the shop's checkout reserves."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(
        name="Shop checkout",
        client="shop",
        hash=hashlib.sha256(token.encode()).digest(),
        scopes=SCOPES,
        created_at=now,
    )
    return token


def connections(webhook_secret: str) -> None:
    """Connect the four outside systems; the shop signs what it sends."""
    for kind in ("cloud", "cdn", "shop", "erp"):
        Connection.objects.create(
            name=kind,
            driver=f"sandbox_{kind}",
            base_url=settings.SANDBOX_URL,
            secret=settings.SANDBOX_TOKEN,
            webhook_secret=webhook_secret if kind == "shop" else "",
        )


def destinations(*, now: datetime) -> None:
    """Hand every order on to the ERP, below its limit."""
    Destination.objects.create(
        name="ERP", connection="erp", limit_per_s=25, rate_per_s=20, since=now
    )


def audiences(*, now: datetime, since: datetime) -> None:
    """Say who may be shown a sale, and how often; it has been so since then."""
    for name, size, gap, most in AUDIENCES:
        limits = Limits(
            min_gap_days=gap, max_sales=most, window_days=30, zone=settings.SHOP_ZONE
        )
        fatigue.add_audience(name, size=size, limits=limits, actor=None, now=since)
    shelves = {
        rules.EVERYTHING: replace(
            rules.of_everything(settings.SHOP_ZONE),
            occasion_required=False,
            quiet=calendar.quiet(now),
        ),
        rules.EACH_SKU: rules.of_each_sku(settings.SHOP_ZONE),
    }
    for scope, limits in shelves.items():
        fatigue.add_policy(scope, limits, reason="Opening", actor=None, now=since)


def price_history(*, now: datetime) -> None:
    """Give every product the regular price it has had for half a year."""
    since = now - timedelta(days=180)
    prices.note_all(
        [prices.Note(product.code, product.regular, since) for product in PRODUCTS]
    )


def profiles() -> None:
    """Say what each service of the shop carries per machine."""
    ServiceProfile.objects.create(
        name="web",
        title="Web",
        connection="cloud",
        group="web",
        rps_per_instance=450,
        latency_ms=80,
        maximum=32,
        lead_time_s=4,
        cost_per_hour=Decimal("1.28"),
    )
    ServiceProfile.objects.create(
        name="checkout",
        title="Checkout",
        connection="cloud",
        group="checkout",
        share=0.15,
        rps_per_instance=62,
        latency_ms=120,
        maximum=30,
        lead_time_s=4,
        cost_per_hour=Decimal("0.92"),
        position=1,
    )


def markets(*, now: datetime) -> None:
    """Three markets in the shop's currency, one in another."""
    maren = User.objects.get(username="maren")
    for row in (
        ("DACH", "Germany and Austria", "Europe/Berlin", "EUR", ["DE", "AT"], "eu"),
        ("FR", "France", "Europe/Paris", "EUR", ["FR"], "eu"),
        ("FI", "Finland", "Europe/Helsinki", "EUR", ["FI"], "eu-fi"),
        ("UK", "United Kingdom", "Europe/London", "GBP", ["GB"], "uk"),
    ):
        campaigns.save_market(MarketTerms(*row), actor=maren, now=now)


def set_up(*, now: datetime) -> None:
    """Everything but campaigns; audiences count from half a year ago."""
    people()
    goods(now=now)
    price_history(now=now)
    audiences(now=now, since=now - timedelta(days=180))
    profiles()
    signing = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    connections(signing)
    destinations(now=now - timedelta(days=180))
    markets(now=now)
    token = gate_token(now=now)
    world.fill(gate_token=token, webhook_secret=signing)
