"""Reads of stock, shaped for those who ask."""

from __future__ import annotations

from console.stock.queries.audit import Violation, violations
from console.stock.queries.audited import last_audit
from console.stock.queries.buffer_effects import (
    PolicyEffect,
    policy_effect,
    removal_effect,
)
from console.stock.queries.buffers import (
    CHANNEL_BUFFERS,
    Policies,
    PolicyRow,
    held_in_all,
    on_shelves,
    policies,
    policies_due,
    policy_amount,
    policy_skus,
    rule_of,
)
from console.stock.queries.certificates import (
    Sealed,
    certificate_page,
    certificates,
    computed,
    evidence,
    sealed,
)
from console.stock.queries.changes import CHANGES, Change, changes
from console.stock.queries.counts import (
    Coverage,
    Outcome,
    SkuCount,
    active_holds,
    ats,
    counted,
    counters,
    coverage,
    outcome,
    oversold,
    reserved,
)
from console.stock.queries.drift import Drift, drifts
from console.stock.queries.entries import entry_page, entry_rows, places_of
from console.stock.queries.feeds import Gauge, feeds, held_movements
from console.stock.queries.fences import (
    FenceState,
    can_be_fenced,
    fence_of,
    fenced,
    overdue,
    unacknowledged,
    units_gone,
)
from console.stock.queries.limbo import in_limbo
from console.stock.queries.limits import Limits, limits, listed
from console.stock.queries.months import months
from console.stock.queries.noticed import NOTICES
from console.stock.queries.pacing import paces, sale_ends_at
from console.stock.queries.panel import Anatomy, Asked, anatomy, row, rows
from console.stock.queries.pending import pending_counts
from console.stock.queries.publishing import published_stale
from console.stock.queries.rows import Row
from console.stock.queries.sales import current_campaign, is_sale
from console.stock.queries.shelves import (
    Place,
    categories,
    concern,
    levels,
    locations,
    skus,
)
from console.stock.queries.shortfalls import Missing, missing, shortfalls
from console.stock.queries.shown import shown
from console.stock.queries.soldout import (
    Gone,
    SoldOutPlan,
    Unable,
    gone,
    sold_out_plan,
    unable,
)
from console.stock.queries.soldout_said import sold_out_said
from console.stock.queries.story import HOLDS, Hold, holds
from console.stock.queries.suggest import Suggestion, lag_s, suggestion
from console.stock.queries.undersell import (
    doubtful,
    kept_back,
    last_undersell,
    shown_as_gone,
    stuck,
)
from console.stock.queries.variants import Variants, variants
from console.stock.queries.waiting import InLine, Waits, waits
from console.stock.queries.waves import (
    ReleasePlan,
    RuleRow,
    WaveRow,
    release_plan,
    rules_due,
    wave_parts,
    wave_units,
    waves_due,
)

__all__ = [
    "CHANGES",
    "CHANNEL_BUFFERS",
    "HOLDS",
    "NOTICES",
    "Anatomy",
    "Asked",
    "Change",
    "Coverage",
    "Drift",
    "FenceState",
    "Gauge",
    "Gone",
    "Hold",
    "InLine",
    "Limits",
    "Missing",
    "Outcome",
    "Place",
    "Policies",
    "PolicyEffect",
    "PolicyRow",
    "ReleasePlan",
    "Row",
    "RuleRow",
    "Sealed",
    "SkuCount",
    "SoldOutPlan",
    "Suggestion",
    "Unable",
    "Variants",
    "Violation",
    "Waits",
    "WaveRow",
    "active_holds",
    "anatomy",
    "ats",
    "can_be_fenced",
    "categories",
    "certificate_page",
    "certificates",
    "changes",
    "computed",
    "concern",
    "counted",
    "counters",
    "coverage",
    "current_campaign",
    "doubtful",
    "drifts",
    "entry_page",
    "entry_rows",
    "evidence",
    "feeds",
    "fence_of",
    "fenced",
    "gone",
    "held_in_all",
    "held_movements",
    "holds",
    "in_limbo",
    "is_sale",
    "kept_back",
    "lag_s",
    "last_audit",
    "last_undersell",
    "levels",
    "limits",
    "listed",
    "locations",
    "missing",
    "months",
    "on_shelves",
    "outcome",
    "overdue",
    "oversold",
    "paces",
    "pending_counts",
    "places_of",
    "policies",
    "policies_due",
    "policy_amount",
    "policy_effect",
    "policy_skus",
    "published_stale",
    "release_plan",
    "removal_effect",
    "reserved",
    "row",
    "rows",
    "rule_of",
    "rules_due",
    "sale_ends_at",
    "sealed",
    "shortfalls",
    "shown",
    "shown_as_gone",
    "skus",
    "sold_out_plan",
    "sold_out_said",
    "stuck",
    "suggestion",
    "unable",
    "unacknowledged",
    "units_gone",
    "variants",
    "violations",
    "waits",
    "wave_parts",
    "wave_units",
    "waves_due",
]
