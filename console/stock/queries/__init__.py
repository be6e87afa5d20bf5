"""Reads of stock, shaped for those who ask."""

from __future__ import annotations

from console.stock.queries.audit import Violation, violations
from console.stock.queries.audited import last_audit
from console.stock.queries.buffers import (
    CHANNEL_BUFFERS,
    Policies,
    PolicyEffect,
    PolicyRow,
    channel_policies,
    for_channel,
    held_in_all,
    low_skus,
    on_shelves,
    policies,
    policies_due,
    policy_amount,
    policy_effect,
    policy_skus,
    rule_of,
)
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
)
from console.stock.queries.drift import Drift, drifts
from console.stock.queries.limbo import in_limbo
from console.stock.queries.limits import Limits, limits, listed
from console.stock.queries.months import months
from console.stock.queries.pacing import paces
from console.stock.queries.panel import Anatomy, Asked, Row, anatomy, row, rows
from console.stock.queries.shelves import (
    categories,
    concern,
    current_campaign,
    levels,
    skus,
)
from console.stock.queries.shown import shown
from console.stock.queries.story import (
    HOLDS,
    Change,
    Hold,
    changes,
    entries,
    holds,
)
from console.stock.queries.suggest import Suggestion, lag_s, lag_told_by, suggestion
from console.stock.queries.variants import Variants, variants
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
    "CHANNEL_BUFFERS",
    "HOLDS",
    "Anatomy",
    "Asked",
    "Change",
    "Coverage",
    "Drift",
    "Hold",
    "Limits",
    "Outcome",
    "Policies",
    "PolicyEffect",
    "PolicyRow",
    "ReleasePlan",
    "Row",
    "RuleRow",
    "SkuCount",
    "Suggestion",
    "Variants",
    "Violation",
    "WaveRow",
    "active_holds",
    "anatomy",
    "ats",
    "categories",
    "changes",
    "channel_policies",
    "concern",
    "counted",
    "counters",
    "coverage",
    "current_campaign",
    "drifts",
    "entries",
    "for_channel",
    "held_in_all",
    "holds",
    "in_limbo",
    "lag_s",
    "lag_told_by",
    "last_audit",
    "levels",
    "limits",
    "listed",
    "low_skus",
    "months",
    "on_shelves",
    "outcome",
    "oversold",
    "paces",
    "policies",
    "policies_due",
    "policy_amount",
    "policy_effect",
    "policy_skus",
    "release_plan",
    "row",
    "rows",
    "rule_of",
    "rules_due",
    "shown",
    "skus",
    "suggestion",
    "variants",
    "violations",
    "wave_parts",
    "wave_units",
    "waves_due",
]
