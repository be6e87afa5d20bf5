"""How a sale stands in a few cheap reads, as plain values that can be stored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from console.campaigns.queries import Brief
from console.orders import queries as orders
from console.runbook import queries as runbook
from console.stock import queries as stock


def standing(sale: Brief, *, now: datetime) -> dict[str, Any]:
    """State, takings, relay, steps and SKUs of a sale; money is text, instants ISO."""
    taken = orders.totals(sale.code, now=now)
    relay = orders.reconciliation(sale.code)
    skus = _skus(sale.code, now)
    return {
        "campaign": sale.code,
        "name": sale.name,
        "state": str(sale.state),
        "at": now.isoformat(),
        "orders_accepted": taken.orders,
        "units": taken.units,
        "revenue": plain(taken.revenue),
        "currency": sale.currency,
        "oversold": sum(_over(sku) for sku in skus),
        "shortfall": orders.shortfall(sale.code),
        "relayed": relay.relayed,
        "queued": relay.queued,
        "dead": relay.dead,
        "lost": relay.lost,
        "steps": _steps(sale.code),
        "opens_at": iso(sale.opens_at),
        "closes_at": iso(sale.closes_at),
        "opened_at": iso(sale.opened_at),
        "ended_at": iso(sale.ended_at),
        "closed_at": iso(sale.closed_at),
        "skus": skus,
    }


def _skus(code: str, now: datetime) -> list[dict[str, Any]]:
    taken = orders.takings_by_sku(code)
    found = []
    for one in stock.counters(code, now=now):
        quantity = one.quantity + one.backorder
        sellable = quantity - one.buffer
        found.append(
            {
                "sku": one.sku_code,
                "name": one.name,
                "variant": one.variant,
                "quantity": quantity,
                "buffer": one.buffer,
                "sold": one.sold,
                "reserved": one.reserved,
                "revenue": plain(taken.get(one.sku_code, (0, Decimal(0)))[1]),
                "sell_through": round(one.sold / sellable, 4) if sellable else None,
            }
        )
    return found


def _over(sku: dict[str, Any]) -> int:
    """Units of a SKU promised beyond what could be sold."""
    return int(max(0, sku["sold"] + sku["reserved"] + sku["buffer"] - sku["quantity"]))


def _steps(code: str) -> dict[str, Any]:
    tally = runbook.tally(plan_of(code))
    return {
        "total": tally.total,
        "verified": tally.verified,
        "reverted": tally.reverted,
        "failed": tally.failed,
        "skipped": tally.skipped,
        "lateness_s_max": round(tally.lateness_s_max, 3),
    }


def plain(money: Decimal) -> str:
    """Money as text, with at least two digits after the point."""
    return str(
        money.quantize(Decimal("0.01")) if money % Decimal("0.01") == 0 else money
    )


def iso(at: datetime | None) -> str | None:
    """An instant as text."""
    return at.isoformat() if at else None


def plan_of(code: str) -> str:
    """The name of a sale's run sheet."""
    return f"campaign:{code}"
