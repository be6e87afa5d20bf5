"""Do shoppers see the prices through the edge? What is old there is purged once more.

A stale edge is told apart from a wrong store: the store's own page says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from console.errors import OutsideFailure
from console.prices import pushing, sampling
from console.prices.sampling import Costs, Looked, Sample
from console.providers import queries as providers
from console.providers.operations import open_port
from console.providers.ports import Display, Purger, Storefront
from console.runbook.handlers import Seen

AGAIN_AFTER_S = 3.0
GIVE_UP_AFTER_S = 15.0
"""Since the first look, or since the purge."""
POLL_S = 0.5


def work(
    shop: Storefront,
    sample: Sample,
    seen: Mapping[str, Any] | None,
    *,
    key: str,
    now: datetime,
) -> Seen:
    """Look at each page of the sample through the edge; pending while one is wrong.

    seen: what an earlier call kept: since when it looks, and what was purged again. A
    purge gives the edge its time anew.

    Raises:
        OutsideFailure: pages are still wrong after another purge; kind `stale_edge` or,
            where the store shows that price itself, `page_differs`.
    """
    if not isinstance(shop, Display):
        return Seen(note="The pages of this shop cannot be read")
    found = pushing.read(shop, list(sample.skus)) if sample.skus else {}
    costs, until = sampling.costs(found), sampling.deadline()
    kept = dict(seen or {})
    looked = _still(sampling.look(shop, costs, edge=True, until=until), kept)
    ours = {sku: costs[sku] for sku in looked.wrong}
    store = sampling.look(shop, ours, edge=False, until=until).wrong if ours else {}
    stale = {sku: said for sku, said in looked.wrong.items() if sku not in store}
    since = datetime.fromisoformat(kept.get("since") or now.isoformat())
    waited, again = (now - since).total_seconds(), list(kept.get("again") or [])
    if stale and not again and waited >= AGAIN_AFTER_S:
        again = _purge(sorted(stale), f"{key}/{now.timestamp()}")
        since, waited = now, 0.0
    values = sample.plain() | looked.plain() | {
        "since": since.isoformat(), "stale": stale, "store": store, "again": again,
    }  # fmt: skip
    if not looked.wrong:
        return Seen(values, _note(looked, again), progress=1.0)
    if waited > GIVE_UP_AFTER_S:
        raise _failure(stale, store, costs)
    note = f"{len(stale)} of {len(costs)} pages old in the edge, {len(store)} wrong"
    return Seen(values, f"{note} in the store", pending=True, poll_after_s=POLL_S)


def _still(looked: Looked, kept: Mapping[str, Any]) -> Looked:
    """A page that was wrong and does not answer now is still wrong."""
    known = {**(kept.get("stale") or {}), **(kept.get("store") or {})}
    wrong = {sku: known[sku] for sku in looked.unanswered if sku in known}
    quiet = [sku for sku in looked.unanswered if sku not in wrong]
    return replace(looked, unanswered=quiet, wrong=looked.wrong | wrong)


def _purge(skus: Sequence[str], key: str) -> list[str]:
    """Forget exactly these pages once more, in every cache we can purge."""
    for name in providers.names(Purger):
        purger = open_port(Purger, name)
        tags = [f"sku-{sku}" for sku in skus]
        purger.purge(tags, soft=False, key=f"{key}/{name}/again")
    return list(skus)


def _failure(
    stale: Mapping[str, str], store: Mapping[str, str], costs: Costs
) -> OutsideFailure:
    told = []
    if store:
        told.append(f"the store itself is wrong: {sampling.named(store, costs)}")
    if stale:
        told.append(f"the edge is stale: {sampling.named(stale, costs)}")
    text = "; ".join(told)
    return OutsideFailure(
        f"{len(stale) + len(store)} of {len(costs)} pages looked at through the edge "
        f"show another price: {text}. Purge or correct them by hand, then retry.",
        transient=False,
        kind="page_differs" if store else "stale_edge",
    )


def _note(looked: Looked, again: Sequence[str]) -> str:
    note = f"{looked.right} pages show it through the edge"
    note += f", {len(looked.silent)} name no price" if looked.silent else ""
    if looked.unanswered:
        note += f", {len(looked.unanswered)} did not answer"
    return note + (f", {len(again)} purged again" if again else "")
