"""What is alarming: each rule looks at the facts and says what an operator should know.

A rule is plain: facts in, warnings out. Whether a warning is new is not its business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from console import words
from console.campaigns.queries.approvals import Standing
from console.live import rules
from console.live.facts import Facts, SkuFacts

BACKLOG_S = 60.0
DRAIN_S = 300.0
STALE_PROBE = timedelta(seconds=30)
MOST_NAMED = 3
MANY_TRIES = 20


@dataclass(frozen=True)
class Warned:
    """Something to look at. key: the same cause has the same key.

    act: the action card that helps, or nothing. about: what the card acts on.
    """

    key: str
    tone: str
    title: str
    detail: str = ""
    act: str = ""
    about: str = ""


def judge(facts: Facts) -> list[Warned]:
    """Every warning of this instant, the red ones first."""
    found = [
        *_oversold(facts),
        *_books(facts),
        *_stuck(facts),
        *_shops(facts),
        *_feeds(facts),
        *_steps(facts),
        *_drop(facts),
        *_relay(facts),
        *_limits(facts),
        *_skus(facts),
        *_backend(facts),
    ]
    return sorted(found, key=lambda one: one.tone != "bad")


def standing(one: Standing) -> Iterator[Warned]:
    """What holds of a plan whether it runs or not: suspended, or let go alone."""
    if one.broken_by:
        told = f"{one.broken_by}: {one.broken_why} Somebody else reviews it."
        title = "Approved and armed by one person alone"
        yield Warned("glass", "bad", title, told, act="review")
    if one.suspended_why:
        told = f"{one.suspended_why}. Nothing opens meanwhile."
        yield Warned("suspended", "bad", "The sale is suspended", told, act="plan")


def _oversold(facts: Facts) -> Iterator[Warned]:
    if facts.oversold:
        yield Warned(
            "oversold",
            "bad",
            f"{words.count(facts.oversold, 'unit')} oversold",
            "More was promised than is there. Stop selling and look at Stock.",
            act="stop",
        )
    if facts.shortfall:
        yield Warned(
            "shortfall",
            "warn",
            f"Missing: {words.count(facts.shortfall, 'paid unit')}",
            "Paid after the hold had run out. Settle them on the Stock tab.",
            act="stock",
        )


def _books(facts: Facts) -> Iterator[Warned]:
    """Balances are the sum of the ledger; if one is not, nobody knows what is there."""
    run = facts.audit
    if run is None or not run.wrong:
        return
    first = run.violations[0]
    told = f"First: {first['where']}, {first['balance']}. Stop selling it and rebuild."
    differ = "differs" if run.wrong == 1 else "differ"
    title = f"{words.count(run.wrong, 'balance')} {differ} from the ledger"
    yield Warned("books", "bad", title, told, act="doctor")


def _stuck(facts: Facts) -> Iterator[Warned]:
    """Units of this sale that nobody can buy and nobody bought."""
    run = facts.undersell
    found = run.findings if run else []
    ours = [x for x in found if x["campaign"] == facts.code and x["allocation_id"]]
    if not ours:
        return
    units = sum(int(one["units"]) for one in ours)
    title = f"{words.count(units, 'unit')} neither for sale nor sold"
    told = f"First: {ours[0]['sku']}. Look at them on the Stock tab and reclaim them."
    yield Warned("stuck", "warn", title, told, act="stock")


def _shops(facts: Facts) -> Iterator[Warned]:
    """Shops show what may be sold; one that is stopped or behind shows old numbers."""
    for shop in facts.shops:
        title = f"{shop.connection} shows old stock"
        if shop.needs_somebody:
            told = f"{shop.error} Look at Stock, Shown in shops."
            yield Warned(f"shop:{shop.connection}", "bad", title, told)
        elif shop.late(facts.at):
            told = f"Waiting: {words.count(shop.waiting, 'SKU')}. {shop.error}".strip()
            yield Warned(f"shop:{shop.connection}", "warn", title, told)


def _feeds(facts: Facts) -> Iterator[Warned]:
    """Others sell the same stock; a silent or late feed does not tell how much."""
    if facts.gone:
        title = f"{words.count(facts.gone, 'unit')} of the sale left elsewhere"
        told = "They do not fit: they are promised here. Count them, and sell fewer."
        yield Warned("gone", "bad", title, told, act="stock")
    for one in facts.feeds:
        if not one.alarming:
            continue
        told = "It never spoke, so how late it is is not known."
        if one.lag is not None and one.lag == one.behind:
            told = f"What it told ends {one.lag.total_seconds():,.0f} s ago."
        elif one.lag is not None:
            told = f"Movements are told of {one.lag.total_seconds():,.0f} s late."
        title = f"The feed {one.feed.name} is late"
        yield Warned(f"feed:{one.feed.name}", "warn", title, told, act="stock")


def _steps(facts: Facts) -> Iterator[Warned]:
    for step in facts.failed_steps:
        tone = "bad" if step.policy == "blocker" else "warn"
        title = f"Step failed: {step.title}"
        yield Warned(f"step:{step.pk}", tone, title, step.error, act="steps")
    for late in facts.late_steps:
        began = "started" if late.started else "should have started"
        told = f"It {began} {late.late_s:,.0f} s late."
        yield Warned(
            f"late:{late.step_id}",
            "warn",
            f"Step late: {late.title}",
            told,
            act="steps",
        )


def _drop(facts: Facts) -> Iterator[Warned]:
    """Two minutes in a row with far fewer orders than expected; none is no data."""
    if facts.state != "live" or len(facts.minutes) < 2:
        return
    if all(
        rules.poisson_cdf(one.seen, one.expected) < rules.DROP_P
        for one in facts.minutes
    ):
        last = facts.minutes[-1]
        title = (
            f"Orders dropped to {last.seen:,} a minute"
            if last.seen
            else "No order data for two minutes"
        )
        told = f"About {last.expected:,.0f} were expected. Try a checkout yourself."
        yield Warned("drop", "bad", title, told, act="pause")


def _relay(facts: Facts) -> Iterator[Warned]:
    backlog = facts.backlog
    if backlog.dead:
        title = f"{backlog.dead:,} dead letters"
        told = "Orders that the destination refused. Look why, then replay them."
        yield Warned("dead", "warn", title, told, act="orders")
    if not backlog.waiting:
        return
    if backlog.paused:
        title = f"Relay to {', '.join(backlog.paused)} is paused"
        told = f"{backlog.waiting:,} orders wait."
        yield Warned("relay-paused", "warn", title, told, act="orders")
    elif backlog.held:
        title = f"{', '.join(backlog.held)} does not take orders"
        told = f"{backlog.waiting:,} orders wait and keep their place."
        yield Warned("relay-held", "warn", title, told, act="orders")
    elif _slow(facts):
        yield Warned(
            "backlog",
            "warn",
            f"{backlog.waiting:,} orders wait for the ERP",
            f"Sent at {backlog.rate:g}/s, {backlog.inflow:.1f}/s come in. Shoppers do "
            "not notice.",
            act="orders",
        )


def _slow(facts: Facts) -> bool:
    """A backlog of more than a minute that is not gone in five."""
    drain = facts.backlog.drain.seconds
    many = facts.backlog.waiting > facts.backlog.rate * BACKLOG_S
    return many and (drain is None or drain > DRAIN_S)


def _limits(facts: Facts) -> Iterator[Warned]:
    """Buyers over a purchase limit, and one who tries again and again."""
    limit, over = facts.limits.buyer_limit, facts.limits.over
    if over:
        named = ", ".join(f"{one.buyer} has {one.has:,}" for one in over[:MOST_NAMED])
        title = f"{len(over):,} buyers are over the limit of {limit:,}"
        if len(over) == 1:
            title = f"A buyer is over the limit of {limit:,}"
        told = f"{named}. They paid after their hold had run out."
        yield Warned("over-limit", "warn", title, told, act="limits")
    one = facts.limits.lately
    if one is not None and one.times >= MANY_TRIES:
        title = f"{one.buyer} was refused {one.times:,} times"
        told = "They ask for more than a purchase limit lets them have."
        yield Warned("limit-tries", "warn", title, told, act="limits")


def _skus(facts: Facts) -> Iterator[Warned]:
    if facts.state != "live" or facts.closes_at is None:
        return
    remaining = (facts.closes_at - facts.at).total_seconds() / 60
    soon = [sku for sku in facts.skus if _ends_early(sku, remaining)]
    soon.sort(key=lambda sku: (sku.minutes_left, sku.code))
    if not soon:
        return
    first = soon[0]
    minutes = max(1, round(first.minutes_left))
    title = f"{_name(first)} sells out in about {minutes} min"
    detail = f"{first.left:,} left, {first.per_minute:,.0f} a minute."
    if len(soon) > 1:
        title = f"{len(soon):,} SKUs sell out within {rules.SOON_MINUTES:.0f} min"
        detail = f"Next: {', '.join(_name(sku) for sku in soon[:MOST_NAMED])}."
    yield Warned("soon", "warn", title, detail, act="stock", about=first.code)


def _name(sku: SkuFacts) -> str:
    return f"{sku.name} {sku.variant}".strip()


def _ends_early(sku: SkuFacts, remaining: float) -> bool:
    minutes = sku.minutes_left
    return sku.left > 0 and minutes <= rules.SOON_MINUTES and minutes < remaining / 2


def _backend(facts: Facts) -> Iterator[Warned]:
    for part in facts.health:
        if part.state == "down":
            tone = "bad" if part.vital else "warn"
            title = f"{part.name} is down"
            yield Warned(f"down:{part.name}", tone, title, part.note, act="doctor")
    asked = max((part.at for part in facts.health if part.at), default=None)
    if asked is not None and facts.at - asked > STALE_PROBE:
        told = "The backend has not been asked for a while. Is the worker awake?"
        yield Warned("stale", "warn", "No news of the backend", told, act="doctor")
