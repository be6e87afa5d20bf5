"""A report as its page reads it: the same whether it is frozen or measured now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from console.campaigns.rules import OVER, RUNNING
from console.report import rules
from console.report.rows import SORTS, SkuRow, StepRow, when
from console.report.rules import Verdict


@dataclass(frozen=True)
class Report:
    """One sale's report.

    frozen_at, hash: None and empty until it is frozen. late_orders: accepted since
    then; they are in no number here.
    """

    data: Mapping[str, Any]
    frozen_at: datetime | None = None
    hash: str = ""
    late_orders: int = 0
    sort: str = "-revenue"

    @property
    def standing(self) -> Mapping[str, Any]:
        """State, takings, relay, step counts and SKUs."""
        told: Mapping[str, Any] = self.data["standing"]
        return told

    @property
    def at(self) -> datetime | None:
        """When it was measured."""
        return when(self.standing["at"])

    @property
    def opened(self) -> bool:
        """True once there is something to report."""
        return self.standing["opened_at"] is not None

    @property
    def running(self) -> bool:
        """True while the numbers still move."""
        return self.standing["state"] in RUNNING

    @property
    def over(self) -> bool:
        """True once the sale has ended, however it did."""
        return self.standing["state"] in OVER

    @property
    def unchanged(self) -> bool:
        """True if the frozen content is still what was sealed."""
        return rules.seal(self.data) == self.hash

    @property
    def currency(self) -> str:
        """The currency of every amount here."""
        return str(self.standing["currency"])

    @property
    def orders(self) -> int:
        """Accepted orders."""
        return int(self.standing["orders_accepted"])

    @property
    def revenue(self) -> Decimal:
        """What they paid."""
        return Decimal(self.standing["revenue"])

    @property
    def target(self) -> Decimal | None:
        """What they should pay; None if nobody said."""
        return Decimal(self.data["target"]) if self.data["target"] else None

    @property
    def over_target(self) -> Decimal | None:
        """Revenue above its target; negative below."""
        return None if self.target is None else self.revenue - self.target

    @property
    def under_target(self) -> Decimal | None:
        """Revenue missing to its target; None if there is none missing."""
        gap = self.over_target
        return -gap if gap is not None and gap < 0 else None

    @cached_property
    def rows(self) -> list[SkuRow]:
        """The SKUs, sorted as asked."""
        rows = [self._row(sku) for sku in self.standing["skus"]]
        key = self.sort.lstrip("-")
        rows.sort(key=lambda row: row.code)
        rows.sort(key=lambda row: SORTS[key](row), reverse=self.descending)
        return rows

    def _row(self, sku: Mapping[str, Any]) -> SkuRow:
        regular, sale = self.data["offers"].get(sku["sku"], (None, None))
        depth = 1 - float(sale) / float(regular) if regular and float(regular) else None
        return SkuRow(
            code=sku["sku"],
            name=sku["name"],
            variant=sku["variant"],
            depth=depth,
            sold=sku["sold"],
            sellable=sku["quantity"] - sku["buffer"],
            sell_through=sku["sell_through"],
            revenue=Decimal(sku["revenue"]),
        )

    @property
    def descending(self) -> bool:
        """True if the highest comes first."""
        return self.sort.startswith("-")

    @property
    def sold(self) -> int:
        """Units sold, by the counters of stock."""
        return sum(row.sold for row in self.rows)

    @property
    def sellable(self) -> int:
        """Units that could be sold."""
        return sum(row.sellable for row in self.rows)

    @property
    def sku_revenue(self) -> Decimal:
        """What the SKUs took; below the orders' total where those add shipping."""
        return sum((row.revenue for row in self.rows), Decimal(0))

    @property
    def sell_through(self) -> float | None:
        """Sold of what could be sold."""
        return rules.share(self.sold, self.sellable)

    @property
    def average(self) -> Decimal | None:
        """What an order paid."""
        return self.revenue / self.orders if self.orders else None

    @property
    def units_each(self) -> float | None:
        """Units of an order."""
        return rules.share(self.standing["units"], self.orders)

    @property
    def forecast(self) -> float | None:
        """Orders expected by the end of what was measured; None if too few to say."""
        since, until = when(self.standing["opened_at"]), self._until
        if since is None or until is None:
            return None
        length = (until - since).total_seconds()
        told = rules.expected(self.data["peak_per_minute"], 0, length)
        return told if told >= rules.FEW_ORDERS else None

    @property
    def _until(self) -> datetime | None:
        ended = when(self.standing["ended_at"])
        closes = when(self.standing["closes_at"])
        known = [at for at in (ended or closes, self.at) if at is not None]
        return min(known, default=None)

    @property
    def over_forecast(self) -> float | None:
        """Orders above what was expected: 0.16 is 16% over."""
        return rules.over(self.orders, self.forecast)

    @property
    def under_forecast(self) -> float | None:
        """Orders below what was expected, as a positive ratio."""
        gap = self.over_forecast
        return -gap if gap is not None and gap < 0 else None

    @property
    def cost(self) -> Decimal | None:
        """What the raised floors cost; None if unknown."""
        told = self.data["cost"]
        return Decimal(told["amount"]) if told else None

    @property
    def cost_share(self) -> float | None:
        """The same as a share of the revenue."""
        return None if self.cost is None else rules.share(self.cost, self.revenue)

    @property
    def verdict(self) -> Verdict:
        """The result in one sentence."""
        return rules.verdict(
            revenue=self.revenue,
            target=self.target,
            sold=self.sold,
            sellable=self.sellable,
            oversold=int(self.standing["oversold"]),
            over_yet=self.over,
        )

    @property
    def demand(self) -> Mapping[str, Any] | None:
        """Orders by bucket, the busiest minute, the first minute, the half time."""
        told: Mapping[str, Any] | None = self.data["demand"]
        return told

    @property
    def per_minute(self) -> bool:
        """True if the curve is in orders a minute, False if a second."""
        return bool(self.demand and self.demand["length_s"] >= rules.PER_MINUTE_FROM_S)

    @property
    def relay(self) -> Mapping[str, Any] | None:
        """Orders waiting by bucket, and the longest wait."""
        told: Mapping[str, Any] | None = self.data["relay"]
        return told

    @property
    def accounted(self) -> int:
        """Orders that are relayed, on their way, or dead letters."""
        told = self.standing
        return int(told["relayed"] + told["queued"] + told["dead"])

    @property
    def steps(self) -> list[StepRow]:
        """The plan, in the order it was due."""
        rows = self.data["steps"]
        return [StepRow(**(row | {"due_at": when(row["due_at"])})) for row in rows]

    @property
    def undone(self) -> list[Mapping[str, Any]]:
        """What was put back."""
        return list(self.data["undone"])

    @property
    def restored(self) -> int:
        """Values that are what they were before the sale."""
        return sum(one["restored"] for one in self.undone)

    @property
    def kept(self) -> int:
        """Values left as somebody else set them."""
        return sum(one["kept_count"] for one in self.undone)

    @property
    def conflicts(self) -> int:
        """Changes that could not be put back."""
        return sum(bool(one["conflict"]) for one in self.undone)

    @property
    def certificate(self) -> Mapping[str, Any] | None:
        """Where every unit went, by the ledger."""
        told: Mapping[str, Any] | None = self.data["certificate"]
        return told
