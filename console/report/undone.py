"""What the sale changed in the world, and what it was after it was put back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from console.runbook.models import Step
from console.runbook.rules import State

MOST_KEPT = 20


def undone(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Each change that can be put back and was begun, in the order it was made.

    kept: what somebody else changed meanwhile, and so was left as it is.
    """
    begun = (step for step in steps if step.reversible and step.started_at)
    return [_of(step) for step in begun]


def _of(step: Step) -> dict[str, Any]:
    prices = step.wanted.get("prices")
    told = _prices(step, len(prices)) if prices is not None else _values(step)
    return {
        "title": step.title,
        "target": step.target,
        "state": str(step.state),
        "conflict": step.error if step.state == State.FAILED else "",
    } | told


def _prices(step: Step, total: int) -> dict[str, Any]:
    """Counts of SKUs; the first few that were kept are named with both prices."""
    kept = (step.seen or {}).get("kept") or {}
    back = step.state == State.REVERTED
    restored = (step.seen or {}).get("restored", total - len(kept) if back else 0)
    return {
        "before": f"{total:,} regular prices",
        "set": f"{total:,} sale prices",
        "after": f"{restored:,} restored" if back else None,
        "restored": restored,
        "kept": [
            f"{sku} left at {found}, we had set {step.wanted['prices'].get(sku)}"
            for sku, found in sorted(kept.items())[:MOST_KEPT]
        ],
        "kept_count": len(kept),
        "pages": _pages((step.seen or {}).get("pages")),
    }


def _pages(looked: dict[str, Any] | None) -> str:
    """How many pages of the store were looked at, and what they showed."""
    if not looked or not looked["skus"]:
        return ""
    told = f"{len(looked['skus'])} of {looked['of']:,} pages looked at in the store"
    told += f": {looked['right']} show the price"
    more = {"wrong": "show another", "silent": "name none", "unanswered": "no answer"}
    found = ((len(looked.get(name, ())), words) for name, words in more.items())
    return told + "".join(f", {count} {words}" for count, words in found if count)


def _values(step: Step) -> dict[str, Any]:
    """The values that were kept before the first apply, by name."""
    before, seen = step.before or {}, step.seen or {}
    names = [name for name in before if name in step.wanted]
    back = step.state == State.REVERTED
    kept = _moved(before, seen, names) if back else []
    return {
        "before": _said(before, names),
        "set": _said(step.wanted, names),
        "after": _said(seen, names) if back else None,
        "restored": len(names) - len(kept) if back else 0,
        "kept": kept,
        "kept_count": len(kept),
    }


def _said(values: dict[str, Any], names: list[str]) -> str | None:
    found = [f"{name} {values[name]}" for name in names if values.get(name) is not None]
    return ", ".join(found) or None


def _moved(before: dict[str, Any], seen: dict[str, Any], names: list[str]) -> list[str]:
    """Values that are not what they were: another sale, or a person, holds them."""
    return [
        f"{name} left at {seen[name]}, was {before[name]} before the sale"
        for name in names
        if name in seen and seen[name] != before[name]
    ]
