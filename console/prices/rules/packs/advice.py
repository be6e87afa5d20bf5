"""Evidence for rules of judgement: what a person should look at, and no verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from console.prices.rules.history import window_start
from console.prices.rules.packs.facts import Facts
from console.prices.rules.packs.pack import Rule
from console.prices.rules.patterns import follow_ons, on_sale_share, raised

Advice = tuple[str, Mapping[str, Any]]


def _countdown(_: Rule, facts: Facts) -> Advice | None:
    if not facts.countdown:
        return None
    if facts.end_moved:
        return "The advertised end was moved after it was shown.", {"end_moved": True}
    return "The advertised end has not been moved.", {"end_moved": False}


def _follow_on(rule: Rule, facts: Facts) -> Advice | None:
    if facts.run is None:
        return None
    days, points = int(rule.parameters["days"]), int(rule.parameters["points"])
    found = follow_ons(facts.run, facts.others, days=days, points=points)
    found = [one for one in found if not facts.sku or facts.sku in one.skus]
    if not found:
        return f"No comparable offer is planned within {days} days.", {"follow_ons": []}
    return found[0].text, {"follow_ons": [one.run.code for one in found]}


def _up_to(_: Rule, facts: Facts) -> Advice | None:
    if facts.up_to is None:
        return None
    reach = {"reach": len(facts.up_to.reach), "of": facts.up_to.of}
    return facts.up_to.text, reach | {"enough": facts.up_to.enough}


def _regular_time(rule: Rule, facts: Facts) -> Advice:
    days = int(rule.parameters["days"])
    share = on_sale_share(facts.history, facts.at, facts.zone, days)
    if share is None:
        return f"No price is known in the {days} days before.", {"on_sale": None}
    since = window_start(facts.at, facts.zone, days)
    known = "the known time" if _begins_after(facts, since) else "the time"
    text = f"In the {days} days before, it was on sale {share:.0%} of {known}"
    return f"{text} and at its regular price the rest.", {"on_sale": str(share)}


def _raised(rule: Rule, facts: Facts) -> Advice:
    days = int(rule.parameters["days"])
    found = raised(facts.history, facts.at, facts.zone, days)
    if found is not None:
        said = found.told(facts.currency)
        return said, {"raised_at": found.raised_at.astimezone(UTC).isoformat()}
    since = window_start(facts.at, facts.zone, days)
    if _begins_after(facts, since):
        text = f"Its prices are not known for all of the {days} days before; no raise "
        return text + "is among those that are.", {"complete": False}
    text = f"The regular price was not raised in the {days} days before."
    return text, {"complete": True}


def _begins_after(facts: Facts, since: datetime) -> bool:
    return not any(point.from_at <= since for point in facts.history)


CHECKS: dict[str, Callable[[Rule, Facts], Advice | None]] = {
    "countdown": _countdown,
    "follow_on": _follow_on,
    "raised": _raised,
    "regular_time": _regular_time,
    "up_to": _up_to,
}
