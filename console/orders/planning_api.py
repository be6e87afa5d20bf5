"""REST endpoints of orders that plans ask for: how much of its budgets a sale used."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema

from console.campaigns.models import Campaign
from console.campaigns.rules import plain
from console.campaigns.rules.budgets import Use
from console.orders.queries import spent
from console.shell.rest.routes import Routes

routes = Routes("orders")


class UseOut(Schema):
    """One budget. key: units, discount or gmv. tone: ok, warn from 80%, bad if used up.

    used, limit, left: whole units, or amounts in the currency of the sale.
    """

    key: str
    name: str
    used: str
    limit: str
    left: str
    percent: float
    tone: str


def _use(one: Use) -> UseOut:
    said = {n: getattr(one, n) for n in ("key", "name", "percent", "tone")}
    for name in ("used", "limit", "left"):
        value = getattr(one, name)
        said[name] = plain(value) if one.money else str(int(value))
    return UseOut(**said)


@routes.reads("/campaigns/{code}/budget", list[UseOut])
def budget(request: HttpRequest, code: str) -> list[UseOut]:
    """How much of each of its budgets a sale has used; nothing where it has none."""
    campaign = get_object_or_404(Campaign, code=code)
    return [_use(one) for one in spent.budget(campaign)]
