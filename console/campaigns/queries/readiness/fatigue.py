"""What the fatigue policies say about a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.campaigns.queries.judging import Case, case, panel
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Section,
    ordered,
)
from console.fatigue import rules
from console.fatigue.rules import Kind, Panel, Reason, Rule, Sale, Tone, Verdict

TONES = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BLOCK: "bad"}


@dataclass(frozen=True)
class Tired:
    """What the policies say. case, judges: what was judged, if anything could be.

    told: score, level and hint, as a verdict has them.
    """

    section: Section
    case: Case | None = None
    judges: Panel | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def judged(plan: Candidate, *, now: datetime) -> Tired:
    """Ask every policy that concerns a plan."""
    if plan.opens_at is None or plan.closes_at is None:
        return _silent(Check("warn", "Choose a date to see how tired people are"))
    one = case(sale(plan, plan.opens_at, plan.closes_at), plan.touch, at=now)
    if not any(scope.kind is Kind.AUDIENCE for scope in one.policies):
        text = "The audience has no fatigue policy. Save one first."
        return _silent(Check("bad", text))
    judges = panel(one)
    verdict = judges.verdict(plan.opens_at)
    checks = ordered(_checks(verdict, one))
    section = Section("fatigue", "Fatigue", _word(verdict), checks, figures(verdict))
    return Tired(section, one, judges, _told(verdict))


def _told(verdict: Verdict) -> dict[str, Any]:
    """Unknown is not zero: no score where no policy keeps one."""
    if not verdict.red:
        return {}
    score = rules.points(verdict.score)
    return {"score": score, "level": verdict.level.value, "hint": verdict.hint}


def broken(plan: Candidate, *, now: datetime) -> dict[tuple[str, str], str]:
    """Every broken rule, by whose policy it is and its name, and its sentence."""
    if plan.opens_at is None or plan.closes_at is None:
        return {}
    one = case(sale(plan, plan.opens_at, plan.closes_at), plan.touch, at=now)
    reasons = panel(one).reasons(plan.opens_at)
    return {(r.scope, r.rule): check(r).text for r in reasons if not r.ok}


def _checks(verdict: Verdict, one: Case) -> Iterator[Check]:
    """Everything broken or near, all of the audience's rules, and that others hold."""
    people = {p.scope.label for s, p in one.policies.items() if s.kind is Kind.AUDIENCE}
    broken = {r.scope for r in verdict.reasons if r.tone is not Tone.OK}
    kept: dict[str, int] = {}
    for reason in verdict.reasons:
        if reason.tone is Tone.OK and reason.scope not in people:
            kept[reason.scope] = kept.get(reason.scope, 0) + 1
        else:
            yield check(reason)
    for scope, count in kept.items():
        word = "its other rules" if scope in broken else "its rules"
        yield Check("ok", f"{scope}: keeps {word}", f"{count}")


def sale(plan: Candidate, opens_at: datetime, closes_at: datetime) -> Sale:
    """The plan as a sale the policies can judge."""
    depth, occasion = plan.touch.depth, plan.occasion
    told = plan.touch.messages(opens_at, closes_at)
    return Sale(
        plan.code, plan.name, opens_at, closes_at, depth, plan.reach, occasion, told
    )


def figures(verdict: Verdict) -> dict[str, Any]:
    """What the drawing of the score needs: that of the scope nearest to its limit."""
    return {
        "score": rules.points(verdict.score),
        "amber": verdict.amber,
        "red": verdict.red,
        "level": verdict.level.label,
        "scope": verdict.scope,
        "hint": verdict.hint,
        **_scale(verdict),
    }


def _scale(verdict: Verdict) -> dict[str, float]:
    """Where score and marks stand on the meter, in per cent."""
    top = (verdict.red or 100) * 1.25
    places = {"fill": verdict.score, "amber_at": verdict.amber, "red_at": verdict.red}
    share = {name: min(100.0, 100 * at / top) for name, at in places.items()}
    return {"top": top} | {name: round(at, 1) for name, at in share.items()}


def _silent(check: Check) -> Tired:
    word = "Not checked" if check.tone == "warn" else "1 blocker"
    return Tired(Section("fatigue", "Fatigue", word, (check,)))


def check(reason: Reason) -> Check:
    """One rule of one policy; broken ones say whose policy it is."""
    said = f"{reason.scope}: {reason.text}" if reason.scope else reason.text
    return Check(
        TONES[reason.tone],
        said if reason.tone is not Tone.OK else reason.text,
        reason.value,
        reason.limit,
        ", at least" if reason.least else " of at most",
        overridable=reason.overridable and not reason.ok,
        dated=not reason.ok,
        fix="occasions" if reason.rule == Rule.OCCASION and not reason.ok else "",
    )


def _word(verdict: Verdict) -> str:
    if verdict.blocked:
        return "Blocked"
    return "Allowed" if verdict.tone == Tone.OK else verdict.level.label
