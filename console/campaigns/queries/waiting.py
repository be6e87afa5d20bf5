"""The sales a campaign waits for, and what is still open of each."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F

from console.campaigns.models import Campaign, Dependency
from console.campaigns.rules import OVER
from console.campaigns.rules.waiting import Awaited
from console.prices.models import Conflict
from console.runbook.models import Step
from console.runbook.rules import State


def awaited(campaign: Campaign) -> list[Awaited]:
    """What it waits for, by code; one query where that is nothing, three at most."""
    rows = Dependency.objects.filter(campaign=campaign).order_by("on__code")
    states = dict(rows.values_list("on__code", "on__state"))
    over = [code for code, state in states.items() if state in OVER]
    changes, prices = _unverified(over) if over else ({}, {})
    return [
        Awaited(code, state, changes.get(code, 0), prices.get(code, 0))
        for code, state in states.items()
    ]


def _unverified(codes: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Changes of each sale that were not read back as put back, and SKUs of prices.

    A price somebody is to decide about counts as not put back.
    """
    plans = {f"campaign:{code}": code for code in codes}
    began = Step.objects.filter(
        plan__in=plans, reversible=True, started_at__isnull=False
    )
    changes: dict[str, int] = {}
    prices: dict[str, int] = {}
    for step in began.exclude(state=State.REVERTED):
        code = plans[step.plan]
        changes[code] = changes.get(code, 0) + 1
        if sold := step.wanted.get("prices"):
            prices[code] = prices.get(code, 0) + len(sold) - _restored(step)
    asked = Conflict.objects.open().filter(campaign__in=codes).order_by()
    for row in asked.values(code=F("campaign")).annotate(skus=Count("pk")):
        prices[row["code"]] = prices.get(row["code"], 0) + row["skus"]
    return changes, prices


def _restored(step: Step) -> int:
    seen = step.seen or {}
    return int(seen.get("restored", 0)) if seen.get("way") == "revert" else 0
