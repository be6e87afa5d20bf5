"""The one write of this room: freezing what a closed sale came to."""

from __future__ import annotations

from datetime import datetime

from console.audit.operations import operation, record
from console.campaigns import queries as campaigns
from console.campaigns.models import Campaign
from console.campaigns.rules import State
from console.report import reading, rules
from console.report.models import Result
from console.report.standing import plan_of
from console.runbook import queries as runbook


@operation()
def freeze(code: str, *, now: datetime) -> Result:
    """Write down what a closed sale came to; a second time changes nothing.

    Raises:
        NotFrozen: the sale is not closed.
        UnknownCampaign: there is none of that code.
    """
    sale = campaigns.brief(code)
    if sale.state != State.CLOSED:
        raise rules.NotFrozen(
            f"{code} is not closed. Its report is frozen at its close."
        )
    known = Result.objects.filter(campaign=code).first()
    return known or _freeze(sale, now)


def _freeze(sale: campaigns.Brief, now: datetime) -> Result:
    data = reading.facts(sale, now=now)
    values = {"data": data, "hash": rules.seal(data), "frozen_at": now}
    result, made = Result.objects.get_or_create(campaign=sale.code, defaults=values)
    if made:
        record(None, "report.freeze", sale.code, now=now, after={"hash": result.hash})
    return result


def freeze_due(*, now: datetime, limit: int = 5) -> list[str]:
    """Freeze the closed sales that have no result yet, the oldest first.

    One whose last step is still being written down waits for the next call.
    """
    codes = [code for code in _due(limit) if not runbook.tally(plan_of(code)).running]
    for code in codes:
        freeze(code, now=now)
    return codes


def _due(limit: int) -> list[str]:
    done = Result.objects.values("campaign")
    due = Campaign.objects.filter(state=State.CLOSED).exclude(code__in=done)
    in_turn = due.order_by("closed_at", "pk")
    return list(in_turn.values_list("code", flat=True)[:limit])
