"""What the fatigue policy says about a plan."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Section,
    ordered,
)
from console.campaigns.queries.sales import sales_of_audience
from console.fatigue import queries as fatigue
from console.fatigue import rules
from console.fatigue.models import Policy
from console.fatigue.rules import Reason, Sale, Tone

ASSUMED_DEPTH = Decimal("0.30")
"""Of a plan that has no products yet."""
TONES = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BLOCK: "bad"}


def section(plan: Candidate, *, now: datetime) -> tuple[Section, Policy | None]:
    """The fatigue section, and the version of the policy that spoke."""
    try:
        policy = fatigue.in_force(plan.audience_id, now)
    except fatigue.NoPolicy as missing:
        return _silent(Check("bad", missing.message)), None
    if plan.opens_at is None or plan.closes_at is None:
        return _silent(Check("warn", "Choose a date to see how tired people are")), None
    sale = candidate(plan, plan.opens_at, plan.closes_at)
    verdict = rules.verdict(policy.limits(), sales_of_audience(plan.audience_id), sale)
    checks = ordered(_check(r, verdict.overridable) for r in verdict.reasons)
    figures = {
        "score": rules.points(verdict.score),
        "amber": policy.amber,
        "red": policy.red,
        "level": verdict.level.label,
        "earliest": verdict.earliest if verdict.blocked else None,
        "hint": verdict.hint,
        **_scale(verdict.score, policy),
    }
    return Section("fatigue", "Fatigue", _word(verdict), checks, figures), policy


def _scale(score: float, policy: Policy) -> dict[str, float]:
    """Where score and marks stand on the meter, in per cent."""
    top = policy.red * 1.25
    places = {"fill": score, "amber_at": policy.amber, "red_at": policy.red}
    share = {name: min(100.0, 100 * at / top) for name, at in places.items()}
    return {"top": top} | {name: round(at, 1) for name, at in share.items()}


def candidate(plan: Candidate, opens_at: datetime, closes_at: datetime) -> Sale:
    """The plan as a sale the policy can judge."""
    return Sale(plan.code, plan.name, opens_at, closes_at, depth(plan), plan.reach)


def depth(plan: Candidate) -> Decimal:
    """The mean reduction of its list prices."""
    regular = sum((p.regular for p in plan.products), Decimal(0))
    if not regular:
        return ASSUMED_DEPTH
    sale = sum((p.sale for p in plan.products), Decimal(0))
    return max(Decimal(0), 1 - sale / regular)


def _silent(check: Check) -> Section:
    word = "Not checked" if check.tone == "warn" else "1 blocker"
    return Section("fatigue", "Fatigue", word, (check,))


def _check(reason: Reason, overridable: bool) -> Check:
    return Check(
        TONES[reason.tone],
        reason.text,
        reason.value,
        reason.limit,
        overridable=overridable and not reason.ok,
    )


def _word(verdict: rules.Verdict) -> str:
    if verdict.blocked:
        return "Blocked"
    return "Allowed" if verdict.tone == Tone.OK else verdict.level.label
