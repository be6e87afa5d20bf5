"""What the approval of a plan has passed over, and its amendments since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from console.campaigns.models import Approval, Campaign
from console.campaigns.queries.readiness import Check

KEYS = "passed"
"""Where an approval notes them."""
AMENDS = (Approval.Kind.AMEND, Approval.Kind.CHANGE)


@dataclass(frozen=True)
class Accepted:
    """What need not be found again, whatever became of the end and the prices since.

    keys: of checks. texts: the sentences, of approvals noted before checks had keys.
    """

    keys: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def open(self, found: Iterable[Check]) -> list[Check]:
        """Those of some checks that nobody has passed over."""
        return [check for check in found if check.key not in self.keys]


def of(campaign: Campaign) -> Accepted:
    """By the last approval of its round, a broken glass, and each amendment since."""
    rows = campaign.approvals.order_by("pk").values_list("kind", "round", "verdict")
    found, glass = Accepted(), _by_glass(campaign)
    for kind, round_, told in rows:
        keys = frozenset(told.get(KEYS, ()))
        if kind == Approval.Kind.APPROVE and round_ == campaign.round:
            texts = frozenset() if KEYS in told else _texts(told)
            found = Accepted(keys | glass, texts)
        elif kind in AMENDS:
            found = Accepted(found.keys | keys, found.texts)
    return found


def _by_glass(campaign: Campaign) -> frozenset[str]:
    """Who breaks it may have approved before, and is noted as an approver once."""
    rows = campaign.glasses.filter(round=campaign.round)
    return frozenset(chain.from_iterable(rows.values_list("passed", flat=True)))


def _texts(told: dict[str, list[str]]) -> frozenset[str]:
    return frozenset([*told.get("blockers", []), *told.get("accepted", [])])
