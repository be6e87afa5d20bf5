"""Sale prices of what is sold out: taken back by a step of the plan, and set again.

The steps are those the sale itself is made of, so the price history, the comparison
with what the shop shows, and the end of the sale are theirs (prices.md). What is set
again is put back at the end with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from console import words
from console.audit.operations import operation
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rewriting import is_untouched, rewrite
from console.runbook.rules import FINISHED
from console.stock.models import SoldOut, SoldOutPolicy
from console.stock.operations.soldout_turns import (
    APPLY,
    TURNS,
    WITHDRAW,
    Do,
    base_of,
    chains,
    decide,
    turns_locked,
)
from console.stock.rules.soldout import SoldOutWay

PURGE = "capacity.purge"
Group = tuple[Step, Do]


@dataclass(frozen=True)
class _Turn:
    """Prices of some SKUs of one sale that turn at one instant.

    kind: of the steps that turn them. ours: the row of each, by SKU.
    """

    campaign: str
    kind: str
    ours: dict[str, SoldOut]
    now: datetime

    @property
    def plan(self) -> str:
        return f"campaign:{self.campaign}"

    def key(self, what: str, shop: str) -> str:
        at = int(self.now.timestamp() * 1000)
        return f"{self.plan}{TURNS}{at}-{what}-{shop}"


def follow(*, now: datetime) -> int:
    """Plan the steps for prices that shall turn; how many steps turn some.

    Each sale is a transaction of its own. One whose gate, plan or prices somebody
    changes at this moment is left for the next look.
    """
    turned = 0
    for campaign in _concerned():
        with operation():
            if turns_locked(campaign):
                turned += _followed(campaign, now)
    return turned


def _concerned() -> list[str]:
    """Sales that take prices back, or did, and have SKUs that are sold out, or were."""
    taking = SoldOutPolicy.objects.filter(way=SoldOutWay.REVERT_PRICE)
    out = Q(allocation__campaign__in=taking.values("campaign"), out_at__isnull=False)
    rows = SoldOut.objects.filter(out | Q(withdrawn=True))
    names = rows.values_list("allocation__campaign", flat=True)
    return sorted(set(names))


def _followed(campaign: str, now: datetime) -> int:
    rows = SoldOut.objects.filter(allocation__campaign=campaign)
    rows = rows.filter(Q(out_at__isnull=False) | Q(withdrawn=True))
    ours = _Wanting(campaign)
    gone: dict[str, SoldOut] = {}
    back: dict[str, SoldOut] = {}
    for one in rows.select_related("allocation__sku").order_by("pk"):
        sku = one.allocation.sku
        if one.out_at is not None and sku.pk in ours:
            gone[sku.code] = one
        elif one.withdrawn:
            back[sku.code] = one
    return _turned(_Turn(campaign, WITHDRAW, gone, now)) + _turned(
        _Turn(campaign, APPLY, back, now)
    )


class _Wanting:
    """SKUs of a sale whose price is taken back once they are sold out."""

    def __init__(self, campaign: str) -> None:
        found = SoldOutPolicy.objects.filter(campaign=campaign)
        self.ways: dict[int | None, str] = dict(found.values_list("sku", "way"))

    def __contains__(self, sku: int) -> bool:
        way = self.ways.get(sku, self.ways.get(None))
        return way == SoldOutWay.REVERT_PRICE


def _turned(turn: _Turn) -> int:
    """Plan the steps of these, shop by shop; those that fail are tried again.

    A row says that its price was turned until every shop shows that of the sale again.
    """
    if not turn.ours:
        return 0
    groups: dict[Group, list[str]] = {}
    unfinished: set[str] = set()
    for (_, sku), chain in sorted(chains(turn.plan, list(turn.ours)).items()):
        do = decide(chain, turn.kind, since=_since(turn, sku), now=turn.now)
        unfinished |= set() if do == Do.REST else {sku}
        step = chain[-1] if do == Do.RETRY else base_of(chain)
        if step is not None and do in (Do.TURN, Do.RETRY):
            groups.setdefault((step, do), []).append(sku)
    done: set[str] = set()
    steps = 0
    for (step, do), skus in groups.items():
        if _acted(turn, step, do, skus):
            done |= set(skus)
            steps += 1
    _mark(turn, done, unfinished)
    return steps


def _since(turn: _Turn, sku: str) -> datetime | None:
    return turn.ours[sku].out_at if turn.kind == WITHDRAW else None


def _mark(turn: _Turn, done: set[str], unfinished: set[str]) -> None:
    to = turn.kind == WITHDRAW
    skus = done if to else turn.ours.keys() - unfinished
    found = SoldOut.objects.filter(pk__in=[turn.ours[sku].pk for sku in skus])
    found.exclude(withdrawn=to).update(withdrawn=to)


def _acted(turn: _Turn, step: Step, do: Do, skus: Sequence[str]) -> bool:
    """Turn the prices one step set, or try a turn again; and a purge each.

    Where nothing would put it back any more, the price is not set again.
    """
    end = _end_of(step) if turn.kind == APPLY else None
    if turn.kind == APPLY and end is None:
        return False
    if do == Do.RETRY:
        made = runbook.retry(step.pk, actor=None, now=turn.now)
    else:
        made = _planned(turn, step, skus)
    if do == Do.TURN and end is not None:
        wanted = end.wanted | {"keys": [*end.wanted["keys"], made.key]}
        rewrite(end.pk, wanted=wanted, actor=None, now=turn.now)
    list(_purges(turn, made, skus))
    return True


def _end_of(base: Step) -> Step | None:
    """The step that will put this one back, if nobody has begun or changes it."""
    ends = Step.objects.filter(
        plan=base.plan, kind="runbook.revert", wanted__keys__contains=[base.key]
    )
    found = ends.select_for_update(skip_locked=True).order_by("pk").last()
    return found if found is not None and is_untouched(found) else None


def _planned(turn: _Turn, base: Step, skus: Sequence[str]) -> Step:
    prices = words.count(len(skus), "price")
    title = f"Set {prices} again: units are back"
    if turn.kind == WITHDRAW:
        title = f"Take {prices} back: sold out"
    said = {sku: base.wanted["prices"][sku] for sku in skus}
    kept = (base.before or {}).get("prices", {})
    shown = {name: value for name, value in base.wanted.items() if name != "held"}
    wanted = shown | {
        "prices": said,
        "inherits": {sku: kept[sku] for sku in skus if sku in kept},
        "replaces": {sku: [said[sku]] for sku in skus},
    }
    return _step(turn, turn.kind, title, base, wanted, after=_unsettled(base))


def _unsettled(base: Step) -> list[str]:
    """Our steps at this shop that are under way: one turn after the other."""
    ours = Step.objects.filter(plan=base.plan, target=base.target)
    ours = ours.filter(Q(kind=APPLY) | Q(kind=WITHDRAW)).exclude(state__in=FINISHED)
    return list(ours.order_by("pk").values_list("key", flat=True))


def _purges(turn: _Turn, after: Step, skus: Sequence[str]) -> Iterator[Step]:
    """The caches that forgot pages at the opening forget these, too."""
    found = Step.objects.filter(plan=turn.plan, kind=PURGE).order_by("pk")
    seen: set[str] = set()
    for one in found.exclude(key__contains=TURNS):
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
