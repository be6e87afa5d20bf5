"""Lets a sale of the past have happened, through stock's own ledger."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from config.demo.catalogue import Product
from config.demo.sales import Idea, approved
from console.campaigns import operations as campaigns
from console.orders.models import Destination, Order, OrderLine, Outbox
from console.orders.rules import Outgoing
from console.prices import operations as prices
from console.prices.rules import Reason
from console.runbook.models import Step
from console.runbook.rules import State
from console.stock import operations as stock
from console.stock import sqlcalls
from console.stock.rules import Claim, Item, claim

APPROVED_BEFORE = timedelta(days=4)
HOLD = timedelta(seconds=40)
BATCHES = 24


@dataclass(frozen=True)
class Basket:
    """What one shopper bought, and when."""

    number: int
    at: datetime
    product: Product
    units: int


def happened(idea: Idea) -> None:
    """Play a whole sale in the past: planned, approved, opened, sold, closed."""
    opens, closes = idea.opens_at, idea.opens_at + idea.lasts
    approved(idea, now=opens - APPROVED_BEFORE)
    campaigns.warm(idea.code, actor=None, now=opens - timedelta(minutes=90))
    campaigns.ready(idea.code, actor=None, now=opens - timedelta(minutes=5))
    campaigns.open(idea.code, actor=None, now=opens)
    _price(idea, opens, closes)
    _sell(idea)
    campaigns.end(idea.code, actor=None, now=closes)
    stock.return_units(idea.code, actor=None, now=closes + timedelta(minutes=11))
    _steps_ran(idea.code)
    campaigns.close(idea.code, actor=None, now=closes + timedelta(minutes=31))


def _price(idea: Idea, opens: datetime, closes: datetime) -> None:
    for p in idea.products:
        down = prices.Note(p.code, p.sale, opens, Reason.SALE, campaign=idea.code)
        up = prices.Note(p.code, p.regular, closes, Reason.REVERT, campaign=idea.code)
        prices.note_all([down, up])


def baskets(idea: Idea) -> list[Basket]:
    """Who bought what: a rush that decays, limited by what was for sale."""
    dice = random.Random(idea.code)  # noqa: S311
    left = {
        p.code: int(p.units * idea.share) - int(p.buffer * idea.share)
        for p in idea.products
    }
    span = idea.lasts.total_seconds() - HOLD.total_seconds()
    times = sorted(_moment(dice.random(), span) for _ in range(idea.orders))
    found = []
    for number, after in enumerate(times, start=1):
        open_ = [p for p in idea.products if left[p.code] > 0]
        if not open_:
            break
        (product,) = dice.choices(open_, [p.pull for p in open_])
        units = min(2 if dice.random() < 0.14 else 1, left[product.code])
        left[product.code] -= units
        at = idea.opens_at + timedelta(seconds=after)
        found.append(Basket(number, at, product, units))
    return found


def _moment(share: float, span: float) -> float:
    """Seconds after the opening by which this share of all orders was placed."""
    decay = span / 5
    return -decay * math.log(1 - share * (1 - math.exp(-span / decay)))


def _sell(idea: Idea) -> None:
    sold = baskets(idea)
    size = max(1, len(sold) // BATCHES)
    for start in range(0, len(sold), size):
        _batch(idea, sold[start : start + size])


def _batch(idea: Idea, part: list[Basket]) -> None:
    """Hold, confirm and report one stretch of baskets."""
    at = part[-1].at
    claims = [_claim(idea, basket) for basket in part]
    told = sorted(_run(sqlcalls.RESERVE, sqlcalls.reserve_values(claims, at)))
    holds = [UUID(row[-1]) for row in told]
    paid = [(h, None, _ref(idea, b)) for h, b in zip(holds, part, strict=True)]
    _run(sqlcalls.CONFIRM, sqlcalls.confirm_values(paid, at + HOLD / 4))
    _orders(idea, part, holds)


def _claim(idea: Idea, basket: Basket) -> Claim:
    return claim(
        "shop",
        f"{idea.code}-{basket.number}",
        campaign=idea.code,
        buyer=_buyer(idea, basket),
        lines=[Item(basket.product.code, basket.units)],
        ttl_s=None,
    )


def _run(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found


def _orders(idea: Idea, part: list[Basket], holds: list[UUID]) -> None:
    orders = Order.objects.bulk_create(
        _order(idea, basket, hold) for basket, hold in zip(part, holds, strict=True)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=0,
            sku=b.product.code,
            units=b.units,
            price=b.product.sale,
        )
        for order, b in zip(orders, part, strict=True)
    )
    erp = Destination.objects.get(name="ERP")
    Outbox.objects.bulk_create(_sent(order, erp) for order in orders)


def _order(idea: Idea, basket: Basket, hold: UUID) -> Order:
    return Order(
        source="shop",
        event_id=f"evt-{_ref(idea, basket)}",
        ref=_ref(idea, basket),
        campaign=idea.code,
        buyer=_buyer(idea, basket),
        reservation=hold,
        units=basket.units,
        total=basket.product.sale * basket.units,
        currency="EUR",
        placed_at=basket.at,
        accepted_at=basket.at,
    )


def _sent(order: Order, erp: Destination) -> Outbox:
    arrived = order.accepted_at + timedelta(seconds=3)
    return Outbox(
        order=order,
        destination=erp,
        key=f"{order.source}:{order.ref}:{erp.pk}",
        lane=order.buyer,
        state=Outgoing.SENT,
        ready_at=order.accepted_at,
        sent_at=arrived,
        known_at=arrived,
    )


def _ref(idea: Idea, basket: Basket) -> str:
    return f"TF-{idea.code[3:]}-{basket.number:05d}"


def _buyer(idea: Idea, basket: Basket) -> str:
    return f"shopper-{idea.code[3:]}-{basket.number}"


def _steps_ran(code: str) -> None:
    """Every step did its work on time; what can be undone was undone."""
    steps = Step.objects.filter(plan=f"campaign:{code}")
    late = timedelta(milliseconds=400)
    steps.update(
        state=State.VERIFIED,
        started_at=F("due_at") + late,
        finished_at=F("due_at") + late * 4,
        lateness_s=0.4,
        tries=1,
        applied=F("wanted"),
        seen=F("wanted"),
        note="Read back as wanted",
    )
    undone = {"state": State.REVERTED, "undoing": True}
    steps.filter(kind="prices.apply").update(**undone, before={"prices": {}})
    for service, floor in (("web", 6), ("checkout", 2)):
        floors = steps.filter(kind="capacity.raise_floor", target__contains=service)
        stood = {"floor": floor}
        floors.update(**undone, before=stood, seen=stood)
