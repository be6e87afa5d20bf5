"""Seeds the demo: the retailer, then a quarter of its sales."""

from __future__ import annotations

from datetime import datetime

from config.demo import calendar, history, sales
from console.campaigns.models import Occasion


def quarter(*, now: datetime) -> None:
    """Past sales in their order, the one about to open, and those to come."""
    for name, day, quiet in calendar.occasions(now):
        Occasion.objects.create(name=name, on=day, quiet=quiet)
    for idea in calendar.past(now):
        history.happened(idea)
    sales.approved(calendar.opening(now), now=now)
    for stage, idea in calendar.to_come(now):
        STAGES[stage](idea, now=now)


STAGES = {
    "draft": sales.draft,
    "review": sales.submitted,
    "armed": sales.approved,
}
