"""Seeds the demo: the retailer, then a quarter of its sales."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User

from config.demo import calendar, history, orders, sales
from console.campaigns import operations as campaigns


def quarter(*, now: datetime, say: Callable[[str], None]) -> None:
    """Past sales in their order, the one about to open, and those to come.

    say: is told of each sale before it is made.
    """
    aino = User.objects.get(username="aino")
    for name, day in calendar.occasions(now):
        campaigns.add_occasion(name, on=day, actor=aino, now=now)
    for idea in calendar.past(now):
        say(f"{idea.code} {idea.name}, a sale of the past")
        history.happened(idea)
    opening = calendar.opening(now)
    say(f"{opening.code} {opening.name}, opening soon")
    sales.approved(opening, now=now)
    say("Sixteen weeks of everyday orders")
    orders.told(now=now)
    say("Eight sales to come")
    for stage, idea in calendar.to_come(now):
        STAGES[stage](idea, now=now)


STAGES = {
    "draft": sales.draft,
    "undated": sales.undated,
    "review": sales.submitted,
    "armed": sales.approved,
}
