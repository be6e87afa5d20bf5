"""Builders: one function a noun, each with the least a test must say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms, Terms
from console.capacity.models import ServiceProfile
from console.fatigue import operations as fatigue
from console.fatigue.models import Audience, Scope
from console.fatigue.rules import Limits
from console.prices import operations as prices
from console.providers.models import Connection
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import operations as stock
from console.stock.models import Allocation, Level, Location, SaleGate, Sku
from console.stock.rules import Reason, Want

_numbers = count(1)


def user(*roles: str, name: str = "") -> User:
    """A person who holds these roles."""
    person = User.objects.create_user(name or f"person{next(_numbers)}")
    person.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return person


NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
CONTACTS = [{"name": "Tomasz", "role": "On call", "reach": "+49 30 1234"}]


def sku(code: str = "", *, price: str = "100.00", **fields: object) -> Sku:
    """One SKU; its code counts up."""
    code = code or f"SKU-{next(_numbers)}"
    values = {"name": f"Product {code}", "regular_price": Decimal(price)} | fields
    return Sku.objects.create(code=code, **values)


def location(name: str = "", *, position: int = 0) -> Location:
    """One place."""
    name = name or f"Warehouse {next(_numbers)}"
    return Location.objects.get_or_create(name=name, defaults={"position": position})[0]


def level(
    of: Sku | None = None, *, units: int = 100, at: Location | None = None
) -> Level:
    """Units of a SKU at a place, with their ledger entry."""
    of, at = of or sku(), at or location("Main")
    return stock.receive(
        of.pk, at.pk, units=units, reason=Reason.RECEIPT, actor=None, now=NOW
    )


def allocation(
    *,
    quantity: int = 100,
    buffer: int = 0,
    of: Sku | None = None,
    campaign: str = "FS-1",
) -> Allocation:
    """Units locked for a campaign out of a level of the same size."""
    of = of or sku()
    level(of, units=quantity)
    wants = [Want(of.pk, quantity, buffer)]
    return stock.lock(campaign, wants=wants, actor=None, now=NOW)[0]


def gate(campaign: str = "FS-1", **terms: int) -> SaleGate:
    """An open gate."""
    return stock.open_gate(campaign, now=NOW, **terms)


def step(key: str = "", kind: str = "test.dial", **values: Any) -> Step:
    """A step due at NOW, of the dial kind of tests/runbook/kinds.py unless told."""
    number = next(_numbers)
    wanted = values.pop("wanted", {"dial": 5})
    said = {"plan": "campaign:FS-1", "title": f"Step {number}", "due_at": NOW}
    said |= {"now": NOW, "target": f"dial-{number}", "wanted": wanted} | values
    return runbook.plan(key or f"step-{number}", kind, **said)


def connection(
    name: str = "", driver: str = "sandbox_cloud", **values: Any
) -> Connection:
    """A way to an outside system; nobody listens there unless told."""
    said = {"base_url": "http://127.0.0.1:9", "secret": "s3cret"} | values
    return Connection.objects.create(
        name=name or f"connection-{next(_numbers)}", driver=driver, **said
    )


def profile(name: str = "", **values: Any) -> ServiceProfile:
    """What one service carries; its group has its name."""
    name = name or f"service-{next(_numbers)}"
    said = {"title": name.title(), "connection": "cloud", "group": name}
    said |= {"rps_per_instance": 100, "maximum": 50} | values
    return ServiceProfile.objects.create(name=name, **said)


def audience(name: str = "", **limits: Any) -> Audience:
    """An audience with its policy; by default nothing but the score stops a sale."""
    free = {"min_gap_days": 0, "max_sales": 0, "min_depth_percent": 0}
    return fatigue.add_audience(
        name or f"Audience {next(_numbers)}",
        size=1000,
        limits=Limits(**(free | limits)),
        actor=None,
        now=NOW - timedelta(days=400),
    )


def scope(of: Audience) -> Scope:
    """What the policies of an audience are kept under."""
    return Scope.objects.get(kind="audience", name=of.slug)


def campaign(
    *,
    of: Audience | None = None,
    opens_at: datetime | None = None,
    hours: float = 2,
    lines: int = 1,
    author: User | None = None,
    code: str = "",
    **terms: Any,
) -> Campaign:
    """A draft that would pass every check, with stock and price history."""
    author = author or user("merchandiser")
    opens = (opens_at or NOW + timedelta(hours=4)).replace(tzinfo=None)
    said = {
        "name": "Alpine Shell Doorbuster",
        "audience_id": (of or audience()).pk,
        "owner_id": author.pk,
        "on_call_id": author.pk,
        "zone": "UTC",
        "opens_local": opens,
        "closes_local": opens + timedelta(hours=hours),
    }
    made = campaigns.create(Terms(**(said | terms)), actor=author, now=NOW, code=code)
    Campaign.objects.filter(pk=made.pk).update(contacts=CONTACTS)
    made.contacts = CONTACTS
    for _ in range(lines):
        line(made, author=author)
    return made


def line(
    of: Campaign, *, author: User, code: str = "", units: int = 10, buffer: int = 0
) -> None:
    """A product at 30% off, with a hundred units and a price history in EUR."""
    one = sku(code, currency=of.currency)
    level(one)
    prices.note(one.code, Decimal(100), from_at=NOW - timedelta(days=60))
    values = LineTerms(sale_price=Decimal(70), units=units, buffer=buffer)
    campaigns.add_line(of.code, sku_code=one.code, values=values, actor=author, now=NOW)


def submitted(**terms: Any) -> Campaign:
    """A campaign in review."""
    made = campaign(**terms)
    return campaigns.submit(made.code, actor=made.author, now=NOW)


def armed(**terms: Any) -> Campaign:
    """A campaign that was approved by somebody else, with its stock and its steps."""
    made = submitted(**terms)
    return campaigns.approve(
        made.code, content_hash=made.content_hash, actor=user("approver"), now=NOW
    )
