"""Is the ledger in order? Asked by the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from console import words
from console.shell.health import Awake, Check, check
from console.stock import queries
from console.stock.queries.publishing import shops
from console.stock.rules import audit_late, coming_months
from console.stock.rules.stuck import LOOKED_WITHIN


@check
def ledger_months(now: datetime) -> Iterable[Check]:
    """This month and the next have their own table of the ledger."""
    missing = {*coming_months(now, ahead=1)} - {*queries.months()}
    if not missing:
        return [Check("Ledger months", Awake.OK, "This month and the next", at=now)]
    told = ", ".join(f"{month:%Y-%m}" for month in sorted(missing))
    fix = "Is beat awake? It makes them every hour."
    return [Check("Ledger months", Awake.LATE, f"No table for {told}", fix, at=now)]


@check
def ledger_audit(now: datetime) -> Iterable[Check]:
    """The balances are the sum of the ledger, and somebody looked lately."""
    title, run = "Ledger audit", queries.last_audit()
    fix = "Is the worker awake, and beat? They look every ten seconds or so."
    if run is None:
        return [Check(title, Awake.UNKNOWN, "Never looked", fix)]
    if run.wrong:
        fix = "Stop selling what is named; propose a rebuild: manage.py stock_rebuild."
        told = f"{words.count(run.wrong, 'balance')} wrong: {named(run.violations[0])}"
        return [Check(title, Awake.DOWN, told, fix, at=run.at, ms=run.ms)]
    late = now > audit_late(run.at, run.ms)
    told = f"{words.count(run.entries, 'entry', 'entries')} add up"
    state = Awake.LATE if late else Awake.OK
    return [Check(title, state, told, fix, at=run.at, ms=run.ms)]


def named(one: dict[str, Any]) -> str:
    """A difference in words."""
    where, balance = one["where"], one["balance"]
    return f"{where}, {balance} is {one['kept']:,}, entries say {one['entries']:,}"


@check
def undersell(now: datetime) -> Iterable[Check]:
    """No unit is kept from being sold, and somebody looked lately."""
    title, run = "Stuck units", queries.last_undersell()
    fix = "Is the worker awake, and beat? They look every minute."
    if run is None:
        return [Check(title, Awake.UNKNOWN, "Never looked", fix)]
    if run.units:
        first = run.findings[0]
        fix = "Look at the Stock tab of the sale, or run manage.py stock_reclaim."
        told = f"{words.count(run.units, 'unit')} neither for sale nor sold, first "
        told += f"{first['campaign']} {first['sku']}"
        return [Check(title, Awake.LATE, told, fix, at=run.at, ms=run.ms)]
    late = now - run.at > LOOKED_WITHIN
    state = Awake.LATE if late else Awake.OK
    told = "None: every unit is for sale, held or sold"
    return [Check(title, state, told, fix, at=run.at, ms=run.ms)]


@check
def shops_shown(now: datetime) -> Iterable[Check]:
    """No shop waits for long to be told what it may sell."""
    title = "Stock in shops"
    found = shops(now=now)
    if not found:
        return []
    waiting = sum(shop.waiting for shop in found)
    stopped = [shop for shop in found if shop.needs_somebody]
    late = [shop for shop in found if shop.late(now)]
    if not stopped and not late:
        told = f"{words.count(len(found), 'shop')}, {waiting:,} waiting"
        return [Check(title, Awake.OK, told, at=now)]
    worst = (stopped or late)[0]
    told = f"{worst.connection}: {worst.error or f'{worst.waiting:,} waiting'}"
    fix = "See Stock, Shown in shops: repair the connection, then send again."
    state = Awake.DOWN if stopped else Awake.LATE
    return [Check(title, state, told, fix, at=worst.oldest_at or now)]


@check
def feeds_in_time(now: datetime) -> Iterable[Check]:
    """No feed is silent, late, or has movements that wait for a person."""
    title = "Feeds"
    found = [one for one in queries.feeds(now=now) if one.feed.active]
    if not found:
        return []
    late = [one for one in found if one.alarming]
    held = [one for one in found if one.held]
    if not late and not held:
        told = f"{words.count(len(found), 'feed')} in time"
        return [Check(title, Awake.OK, told, at=now)]
    worst = (late or held)[0]
    fix = "See Stock, Levels, Feeds: is its sender awake, is its clock right?"
    return [Check(title, Awake.LATE, feed_said(worst), fix, at=worst.told_until or now)]


def feed_said(one: queries.Gauge) -> str:
    """What is wrong with a feed."""
    if one.lag is None:
        return f"{one.feed.name}: never spoke"
    if one.alarming:
        return f"{one.feed.name}: {one.lag.total_seconds():,.0f} s late"
    return f"{one.feed.name}: {words.count(one.held, 'movement')} to look at"


@check
def fences_down(now: datetime) -> Iterable[Check]:
    """No fence outlives its sale, and somebody looked at what differed."""
    title = "Sync fences"
    if late := queries.overdue(now=now):
        told = f"{late[0].campaign}: up though its sale is over"
        fix = "Drop it on the Stock tab of the sale; see why its step did not."
        return [Check(title, Awake.LATE, told, fix, at=late[0].raised_at)]
    if differ := queries.unacknowledged():
        told = f"{differ[0]}: counts differed, nobody looked"
        fix = "Look at the Stock tab of the sale, and acknowledge it."
        return [Check(title, Awake.LATE, told, fix, at=now)]
    return []
