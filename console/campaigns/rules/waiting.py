"""Sales that wait for others: no circles, and what is still open of the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.campaigns.rules.states import OVER, State
from console.errors import Refusal


class WaitsForItself(Refusal):
    """A sale would wait for itself, directly or around."""

    code = "waits_for_itself"
    status = 422


class StillWaiting(Refusal):
    """A sale it waits for is not over, or not put back."""

    code = "still_waiting"


@dataclass(frozen=True)
class Awaited:
    """A sale that another waits for. unverified: changes not read back as put back."""

    code: str
    state: str
    unverified: int = 0
    prices: int = 0

    @property
    def why(self) -> str:
        """What is open of it, as a sentence; empty if nothing is."""
        if self.state not in OVER:
            return f"Waits for {self.code}, which is {State(self.state).label.lower()}"
        if self.prices:
            some = "price is" if self.prices == 1 else "prices are"
            return f"Waits for {self.code}: {self.prices:,} {some} not verified back"
        if self.unverified:
            some = "change is" if self.unverified == 1 else "changes are"
            return f"Waits for {self.code}: {self.unverified} {some} not verified back"
        return ""


def check_acyclic(edges: Iterable[tuple[int, int]], waits: int, on: int) -> None:
    """Refuse an edge that closes a circle. edges: who waits, for whom.

    Raises:
        WaitsForItself: `on` waits for `waits` already, maybe around others.
    """
    ahead: dict[int, list[int]] = {}
    for one, other in edges:
        ahead.setdefault(one, []).append(other)
    seen, todo = set(), [on]
    while todo:
        one = todo.pop()
        if one == waits:
            raise WaitsForItself(
                "That sale waits for this one already, so neither could ever begin. "
                "Choose another.",
                field="on",
            )
        if one not in seen:
            seen.add(one)
            todo += ahead.get(one, [])


def check_settled(awaited: Sequence[Awaited]) -> None:
    """Refuse to arm while a sale it waits for is open.

    Raises:
        StillWaiting: the first, and what is open of it.
    """
    if told := [one.why for one in awaited if one.why]:
        more = f" And {len(told) - 1} more." if len(told) > 1 else ""
        raise StillWaiting(f"{told[0]}.{more}")
