"""Builders: one function a noun, each with the least a test must say."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from console.capacity.models import ServiceProfile
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
