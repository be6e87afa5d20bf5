"""Sale prices of what is sold out: taken back by a step of the plan, and set again.

The steps are those the sale itself is made of, so the price history, the comparison
with what the shop shows, and the end of the sale are theirs (prices.md). What is set
again is put back at the end with the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from console import words
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rewriting import is_untouched, rewrite
from console.runbook.rules import FINISHED, State
from console.stock.models import SoldOut, SoldOutPolicy
from console.stock.rules.soldout import SoldOutWay

APPLY, WITHDRAW, PURGE = "prices.apply", "prices.withdraw", "capacity.purge"
SETTLED = [State.VERIFIED]


@dataclass(frozen=True)
class _Turn:
    """Prices of some SKUs of one sale that turn at one instant."""

    campaign: str
    skus: Sequence[str]
    now: datetime

    @property
    def plan(self) -> str:
        return f"campaign:{self.campaign}"

    def key(self, what: str, shop: str) -> str:
        at = int(self.now.timestamp() * 1000)
        return f"{self.plan}/sold-out/{at}-{what}-{shop}"


def follow(*, now: datetime) -> int:
    """Plan the steps for prices that shall turn; how many SKUs turned.

    In the transaction of who saw it, which one worker at a time has.
    """
    if not SoldOutPolicy.objects.filter(way=SoldOutWay.REVERT_PRICE).exists():
        return _turned(_withdrawn(), now, to=False)
    ours = _wanting()
    rows = SoldOut.objects.select_related("allocation__sku")
    out = rows.filter(out_at__isnull=False, withdrawn=False)
    gone = [one for one in out if _key(one) in ours]
    back = [one for one in _withdrawn() if one.out_at is None or _key(one) not in ours]
    return _turned(gone, now, to=True) + _turned(back, now, to=False)


def _withdrawn() -> list[SoldOut]:
    rows = SoldOut.objects.filter(withdrawn=True)
    return list(rows.select_related("allocation__sku"))


class _Wanting:
    """SKUs of sales whose price is taken back once they are sold out."""

    def __init__(self, found: Iterable[tuple[str, int | None, str]]) -> None:
        self.ways = {(campaign, sku): way for campaign, sku, way in found}

    def __contains__(self, key: tuple[str, int]) -> bool:
        general = self.ways.get((key[0], None))
        return self.ways.get(key, general) == SoldOutWay.REVERT_PRICE


def _wanting() -> _Wanting:
    return _Wanting(SoldOutPolicy.objects.values_list("campaign", "sku", "way"))


def _key(one: SoldOut) -> tuple[str, int]:
    return one.allocation.campaign, one.allocation.sku_id


def _turned(rows: Iterable[SoldOut], now: datetime, *, to: bool) -> int:
    """Plan the steps of these; to: they are withdrawn, else set again.

    What no shop shows the price of the sale of, yet, is looked at again.
    """
    found = sorted(rows, key=lambda one: (one.allocation.campaign, one.pk))
    turned: list[int] = []
    for campaign, group in groupby(found, key=lambda one: one.allocation.campaign):
        ours = {one.allocation.sku.code: one.pk for one in group}
        turn = _Turn(campaign, list(ours), now)
        steps = list(_withdrawals(turn) if to else _settings(turn))
        done = {sku for step in steps for sku in step.wanted.get("prices", {})}
        turned += [pk for sku, pk in ours.items() if sku in done or not to]
    SoldOut.objects.filter(pk__in=turned).update(withdrawn=to)
    return len(turned)


def _bases(turn: _Turn) -> Iterator[tuple[Step, list[str]]]:
    """The step that set the price of each of these SKUs last, shop by shop."""
    steps = Step.objects.filter(plan=turn.plan, kind=APPLY, state__in=SETTLED)
    found: dict[tuple[str, str], Step] = {}
    for step in steps.filter(wanted__prices__has_any_keys=turn.skus).order_by("pk"):
        prices = step.wanted["prices"]
        found |= {(step.target, sku): step for sku in turn.skus if sku in prices}
    by_step: dict[int, list[str]] = {}
    known = {step.pk: step for step in found.values()}
    for (_, sku), step in sorted(found.items(), key=lambda pair: pair[0]):
        by_step.setdefault(step.pk, []).append(sku)
    yield from ((known[pk], skus) for pk, skus in sorted(by_step.items()))


def _withdrawals(turn: _Turn) -> Iterator[Step]:
    """One step for each shop that shows the price of the sale, and a purge each."""
    for base, skus in _bases(turn):
        step = _planned(
            turn,
            WITHDRAW,
            f"Take {words.count(len(skus), 'price')} back: sold out",
            base,
            skus,
        )
        yield step
        yield from _purges(turn, step, skus)


def _settings(turn: _Turn) -> Iterator[Step]:
    """One step for each shop, which the end of the sale then puts back.

    Where nothing would put it back any more, the price is not set again.
    """
    for base, skus in _bases(turn):
        end = _end_of(base)
        if end is None:
            continue
        said = f"Set {words.count(len(skus), 'price')} again: units are back"
        step = _planned(turn, APPLY, said, base, skus)
        keys = [*end.wanted["keys"], step.key]
        wanted = end.wanted | {"keys": keys}
        rewrite(end.pk, wanted=wanted, actor=None, now=turn.now)
        yield step
        yield from _purges(turn, step, skus)


def _end_of(base: Step) -> Step | None:
    """The step that will put this one back, if it has not begun."""
    ends = Step.objects.filter(
        plan=base.plan, kind="runbook.revert", wanted__keys__contains=[base.key]
    )
    found = ends.select_for_update().order_by("pk").last()
    return found if found is not None and is_untouched(found) else None


def _planned(
    turn: _Turn, kind: str, title: str, base: Step, skus: Sequence[str]
) -> Step:
    prices = {sku: base.wanted["prices"][sku] for sku in skus}
    kept = (base.before or {}).get("prices", {})
    wanted = base.wanted | {
        "prices": prices,
        "inherits": {sku: kept[sku] for sku in skus if sku in kept},
        "replaces": {sku: [prices[sku]] for sku in skus},
    }
    return _step(turn, kind, title, base, wanted, after=_unsettled(base))


def _unsettled(base: Step) -> list[str]:
    """Our steps at this shop that are under way: one turn after the other."""
    ours = Step.objects.filter(plan=base.plan, target=base.target)
    ours = ours.filter(Q(kind=APPLY) | Q(kind=WITHDRAW)).exclude(state__in=FINISHED)
    return list(ours.order_by("pk").values_list("key", flat=True))


def _purges(turn: _Turn, after: Step, skus: Sequence[str]) -> Iterator[Step]:
    """The caches that forgot pages at the opening forget these, too."""
    found = Step.objects.filter(plan=turn.plan, kind=PURGE).order_by("pk")
    seen: set[str] = set()
    for one in found.exclude(key__contains="/sold-out/"):
        if one.target not in seen:
            seen.add(one.target)
            wanted = one.wanted | {
                "tags": [f"sku-{sku}" for sku in skus],
                "probe_urls": [],
            }
            title = f"Purge {words.count(len(skus), 'page')}"
            yield _step(turn, PURGE, title, one, wanted, after=[after.key], of=after)


def _step(
    turn: _Turn,
    kind: str,
    title: str,
    like: Step,
    wanted: dict[str, Any],
    *,
    after: Sequence[str],
    of: Step | None = None,
) -> Step:
    shop = f"{of.target}-{like.target}" if of else like.target
    return runbook.plan(
        turn.key(kind.partition(".")[2] + f"-{of.pk if of else like.pk}", shop),
        kind,
        plan=turn.plan,
        title=title,
        due_at=turn.now,
        now=turn.now,
        target=like.target,
        wanted=wanted,
        phase="run",
        policy="degrade",
        after=after,
    )
