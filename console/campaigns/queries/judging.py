"""A plan before the judges: each policy that concerns it, and what it compares with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from console.campaigns.queries.footprints import Touch
from console.campaigns.queries.sales import counted, faded
from console.fatigue import queries as fatigue
from console.fatigue import saturating
from console.fatigue.models import Policy
from console.fatigue.rules import (
    EACH_SKU,
    Incidence,
    Judge,
    Limits,
    Panel,
    Sale,
    Scope,
    Strain,
    strained,
)
from console.stock.models import Sku


@dataclass(frozen=True)
class Case:
    """A sale, what it touches, and the policies it is judged by.

    single: by key of the SKU, the policies of SKUs that have one of their own.
    strains: how each audience answers, as known when it is judged.
    """

    sale: Sale
    touch: Touch
    policies: Mapping[Scope, Policy]
    single: Mapping[int, Policy]
    strains: Mapping[Scope, Strain] = field(default_factory=dict)

    @property
    def every_policy(self) -> list[Policy]:
        """All of them, the widest first."""
        return [*self.policies.values(), *self.single.values()]

    @property
    def of_skus(self) -> list[Policy]:
        """Those that judge single SKUs."""
        general = self.policies.get(EACH_SKU)
        return [*([general] if general else []), *self.single.values()]

    @property
    def versions(self) -> dict[str, int]:
        """The version of each policy, by its label."""
        return {one.scope.label: one.version for one in self.every_policy}

    @property
    def least_percent(self) -> int:
        """The smallest discount any of them asks for."""
        return max((one.min_depth_percent for one in self.every_policy), default=0)


def case(sale: Sale, touch: Touch, *, at: datetime) -> Case:
    """Find the policies in force at an instant for what a sale touches."""
    if len(touch.skus):
        policies, own = fatigue.applicable_and_single(touch.scopes, at)
    else:
        policies, own = fatigue.applicable(touch.scopes, at), {}
    strains = saturating.strains(policies, at)
    return Case(sale, touch, policies, _single(touch, own), strains)


def _single(touch: Touch, found: Mapping[str, Policy]) -> dict[int, Policy]:
    """Those of them the sale touches, by key of the SKU."""
    rows = Sku.objects.filter(code__in=found).values_list("pk", "code") if found else []
    ours = set(touch.skus.tolist()) if found else set()
    return {pk: found[code] for pk, code in rows if pk in ours}


def panel(one: Case) -> Panel:
    """The judges of a case, with every counted sale each has to know."""
    shelves = {s: p.limits() for s, p in one.policies.items() if s != EACH_SKU}
    found = counted(
        one.touch,
        [scope for scope, limits in shelves.items() if limits.compares],
        besides=one.sale.code,
        since=_since(one.sale, shelves.values()),
        recent=_since(one.sale, (policy.limits() for policy in one.of_skus)),
    )
    judges = [
        Judge(
            limits,
            found.books.get(scope, ()),
            strained(_part(one, scope), one.strains.get(scope)),
            scope=one.policies[scope].scope.label,
        )
        for scope, limits in shelves.items()
    ]
    return Panel([*judges, *_of_skus(one, found.skus)])


def _of_skus(one: Case, skus: Incidence) -> Iterable[Judge]:
    general, sale = one.policies.get(EACH_SKU), replace(one.sale, reach=1)
    own = np.isin(one.touch.skus, list(one.single))
    if general and not own.all():
        rest = skus.only(~own) if own.any() else skus
        yield Judge(general.limits(), rest, sale, scope=general.scope.label)
    for pk, policy in one.single.items():
        alone = skus.only(one.touch.skus == pk)
        yield Judge(policy.limits(), alone, sale, scope=policy.scope.label)


def _part(one: Case, scope: Scope) -> Sale:
    """The sale as this scope meets it."""
    return replace(one.sale, reach=one.touch.reach[scope])


def _since(sale: Sale, policies: Iterable[Limits]) -> datetime:
    """How far back the sales matter to any of these policies."""
    backs = (_reach_back(one, sale) for one in policies if one.compares)
    return min(backs, default=sale.opens_at)


def _reach_back(limits: Limits, sale: Sale) -> datetime:
    opens = sale.opens_at
    days = max(limits.min_gap_days, limits.window_days, limits.share_days) + 2
    told = limits.message_days + max(limits.email_gap_h, limits.push_gap_h) // 24 + 2
    first = min((one.at for one in sale.messages), default=opens)
    back = min(opens - timedelta(days=days), first - timedelta(days=told))
    if not limits.red:
        return back
    return min(back, faded(float(limits.half_life_days), opens))
