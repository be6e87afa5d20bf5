"""What an amendment does to the sale's own tables, and how it comes to an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Max

from console.audit.operations import operation, record
from console.campaigns.models import Amendment, Campaign, Line
from console.campaigns.operations.undoing import forget
from console.campaigns.rules import AmendmentState, LineChange, LineSaid
from console.runbook.models import Step
from console.runbook.rules import State as StepState
from console.stock import operations as stock
from console.stock.models import Sku
from console.stock.operations import Altered, Size
from console.stock.rules import Want

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NOT_APPLIED = "Its steps were skipped or put back"


def said(line: Line) -> LineSaid:
    """What a line says, as amendments compare it."""
    return LineSaid(
        line.regular_price,
        line.sale_price,
        line.units,
        line.buffer,
        line.price_confirmed,
    )


def write_lines(campaign: Campaign, changes: Sequence[LineChange]) -> None:
    """Bring the lines of a locked campaign to what they shall say."""
    forget(campaign)
    ids = _ids(changes)
    last = campaign.lines.aggregate(last=Max("position"))["last"] or 0
    for change in changes:
        line = campaign.lines.filter(sku=ids[change.sku])
        if change.after is None:
            line.delete()
        elif change.before is None:
            last += 1
            Line.objects.create(
                campaign=campaign,
                sku_id=ids[change.sku],
                position=last,
                **asdict(change.after),
            )
        else:
            line.update(version=F("version") + 1, **asdict(change.after))


def alter_stock(
    campaign: Campaign, changes: Sequence[LineChange], *, actor: User, now: datetime
) -> None:
    """Lock, grow and give back what the lines say now beyond what they said.

    Raises:
        NotEnoughStock: a SKU is short, or less than is sold would be left.
    """
    ids = _ids(changes)
    altered = Altered(
        wants=[
            Want(ids[one.sku], one.after.units, one.after.buffer)
            for one in changes
            if one.before is None and one.after
        ],
        grown={
            ids[one.sku]: Size(one.more_units, one.more_buffer)
            for one in changes
            if one.verb == "change" and (one.more_units or one.more_buffer)
        },
        dropped=[ids[one.sku] for one in changes if one.after is None],
    )
    if altered.wants or altered.grown or altered.dropped:
        stock.alter(campaign.code, altered, actor=actor, now=now)


def _ids(changes: Sequence[LineChange]) -> dict[str, int]:
    codes = [change.sku for change in changes]
    return dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))


@operation()
def finish(amendment_id: int, *, keys: Sequence[str], now: datetime) -> Amendment:
    """Note that the steps of an amendment are settled; done before, nothing happens.

    keys: of the steps that change prices. Applied if each is verified, else failed.
    """
    made = Amendment.objects.select_for_update().get(pk=amendment_id)
    if made.state != AmendmentState.APPROVED:
        return made
    steps = Step.objects.filter(key__in=keys)
    if steps.exclude(state=StepState.VERIFIED).exists():
        return _fail(made, NOT_APPLIED, now)
    made.state, made.applied_at = AmendmentState.APPLIED, now
    made.save(update_fields=["state", "applied_at"])
    record(None, "campaign.apply", made.campaign, now=now, after=made.told())
    return made


def give_up(campaign: Campaign, *, why: str, now: datetime) -> None:
    """End what is proposed or at work for a sale that is called off."""
    waiting = campaign.amendments.filter(state=AmendmentState.PROPOSED)
    waiting.update(state=AmendmentState.WITHDRAWN, decided_at=now, answer=why)
    for made in campaign.amendments.filter(state=AmendmentState.APPROVED):
        _fail(made, why, now)


def _fail(made: Amendment, why: str, now: datetime) -> Amendment:
    made.state, made.answer = AmendmentState.FAILED, why
    made.save(update_fields=["state", "answer"])
    record(
        None,
        "campaign.amend_failed",
        made.campaign,
        now=now,
        after=made.told(),
        reason=why,
    )
    return made
