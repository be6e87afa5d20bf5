"""Tables of stock: what there is, what is locked for a sale, who holds it, and why."""

from __future__ import annotations

from console.stock.models.audits import AuditRun, Rebuild
from console.stock.models.buffers import (
    BufferDue,
    BufferPolicy,
    BufferRule,
    Wave,
    WavePart,
)
from console.stock.models.certified import SkuCertificate
from console.stock.models.feeds import Feed, FeedMovement, Fence
from console.stock.models.goods import Level, Location, Sku
from console.stock.models.holds import (
    ApiToken,
    LimitBreach,
    Reservation,
    ReservationLine,
    SaleGate,
    Shortfall,
)
from console.stock.models.imports import BadLevel, LevelImport, StagedLevel
from console.stock.models.ledger import Movement
from console.stock.models.locks import Allocation, Sold, Source
from console.stock.models.pending import PendingCount
from console.stock.models.publishing import Shopfront, Shown
from console.stock.models.shipped import Delivery, Settlement
from console.stock.models.shown import ScarcityText
from console.stock.models.soldout import SoldOut, SoldOutPolicy
from console.stock.models.stuck import UndersellRun
from console.stock.models.waiting import Backorder, OfferBell, Waiter

__all__ = [
    "Allocation",
    "ApiToken",
    "AuditRun",
    "Backorder",
    "BadLevel",
    "BufferDue",
    "BufferPolicy",
    "BufferRule",
    "Delivery",
    "Feed",
    "FeedMovement",
    "Fence",
    "Level",
    "LevelImport",
    "LimitBreach",
    "Location",
    "Movement",
    "OfferBell",
    "PendingCount",
    "Rebuild",
    "Reservation",
    "ReservationLine",
    "SaleGate",
    "ScarcityText",
    "Settlement",
    "Shopfront",
    "Shortfall",
    "Shown",
    "Sku",
    "SkuCertificate",
    "Sold",
    "SoldOut",
    "SoldOutPolicy",
    "Source",
    "StagedLevel",
    "UndersellRun",
    "Waiter",
    "Wave",
    "WavePart",
]
