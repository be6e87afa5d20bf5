"""Do shoppers see the prices through the edge? What is old there is purged once more.

A stale edge is told apart from a wrong store: the store's own page says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.errors import OutsideFailure
from console.prices import pushing, sampling
from console.prices.sampling import Costs, Sample
from console.providers import queries as providers
from console.providers.operations import open_port
from console.providers.ports import Display, Purger, Storefront
from console.runbook.handlers import Seen

AGAIN_AFTER_S = 3.0
GIVE_UP_AFTER_S = 15.0
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

    seen: what an earlier call kept: since when it looks, and what was purged again.

    Raises:
        OutsideFailure: pages are still wrong after another purge; kind `stale_edge` or,
            where the store shows that price itself, `page_differs`.
    """
    if not isinstance(shop, Display):
        return Seen(note="The pages of this shop cannot be read")
    found = pushing.read(shop, list(sample.skus)) if sample.skus else {}
    costs = {sku: pushing.shown(price).paid for sku, price in found.items()}
    looked = sampling.look(shop, costs, edge=True)
    ours = {sku: costs[sku] for sku in looked.wrong}
    store = sampling.look(shop, ours, edge=False).wrong if ours else {}
    stale = {sku: said for sku, said in looked.wrong.items() if sku not in store}
    kept = dict(seen or {})
    since = datetime.fromisoformat(kept.get("since") or now.isoformat())
    waited, again = (now - since).total_seconds(), list(kept.get("again") or [])
    if stale and not again and waited >= AGAIN_AFTER_S:
        again = _purge(sorted(stale), key)
    values = sample.plain() | {
        "since": since.isoformat(), "right": looked.right, "silent": looked.silent,
        "stale": stale, "store": store, "again": again,
    }  # fmt: skip
    if not looked.wrong:
        return Seen(values, _note(looked.right, looked.silent, again), progress=1.0)
    if waited > GIVE_UP_AFTER_S:
        raise _failure(stale, store, costs)
    note = f"{len(stale)} of {len(costs)} pages old in the edge, {len(store)} wrong"
    return Seen(values, f"{note} in the store", pending=True, poll_after_s=POLL_S)


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


def _note(right: int, silent: Sequence[str], again: Sequence[str]) -> str:
    note = f"{right} pages show it through the edge"
    note += f", {len(silent)} name no price" if silent else ""
    return note + (f", {len(again)} purged again" if again else "")
