"""What would still happen to a sale: the steps ahead, without writing one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from console.campaigns.models import Campaign
from console.campaigns.operations import plans
from console.campaigns.rules import OVER, State, WrongState
from console.errors import Refusal
from console.providers.reading import Calls, only_looking
from console.runbook.models import Step
from console.runbook.rules import OPEN

BEFORE_ARMING = (State.DRAFT, State.IN_REVIEW, State.APPROVED)


class NoWindow(Refusal):
    """The plan has no opening and no end yet."""

    code = "no_window"


@contextmanager
def reading() -> Iterator[Calls]:
    """A look that cannot write: neither our database nor an outside system lets it.

    The transaction is read-only, so it locks no row; it is rolled back at the end.
    """
    with transaction.atomic(), only_looking() as calls:
        with connection.cursor() as cursor:
            cursor.execute("set transaction read only")
        yield calls
        transaction.set_rollback(True)


def steps_ahead(campaign: Campaign, *, now: datetime) -> list[Step]:
    """The steps that have not settled, or those that arming the plan now would write.

    Raises:
        WrongState: the sale is over.
        NoWindow: it has no date yet.
        FloorAboveMaximum, TooManyConnections: the backend cannot carry the sale.
    """
    if campaign.state in OVER:
        label = State(campaign.state).label.lower()
        raise WrongState(f"{campaign.code} is {label}: nothing of it is ahead.")
    if campaign.opens_at is None or campaign.closes_at is None:
        raise NoWindow(f"{campaign.code} has no date. Choose one first.")
    if campaign.state in BEFORE_ARMING:
        return plans.foreseen(campaign, now=now)
    return [step for step in Step.objects.of(campaign.plan) if step.state in OPEN]
