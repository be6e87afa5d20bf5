"""Looking without touching: while it lasts, a call that changes something is refused.

Counted where every call passes, so that a dry run proves what it claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from console.errors import Refusal

SAFE = frozenset({"GET", "HEAD"})


class OnlyLooking(Refusal):
    """A call would have changed something while only looking was allowed."""

    code = "only_looking"


@dataclass
class Calls:
    """The calls made while only looking, by connection; refused: those kept back."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


_calls: ContextVar[Calls | None] = ContextVar("calls", default=None)


@contextmanager
def only_looking() -> Iterator[Calls]:
    """Let no call of this thread through that changes something, and count the rest."""
    token = _calls.set(calls := Calls())
    try:
        yield calls
    finally:
        _calls.reset(token)


def check(name: str, method: str) -> None:
    """Count a call that is about to be made.

    Raises:
        OnlyLooking: it changes something, and looking is all that is allowed.
    """
    calls = _calls.get()
    if calls is None:
        return
    if method in SAFE:
        calls.read[name] += 1
        return
    calls.refused[name] += 1
    raise OnlyLooking(f"A {method} to {name} was kept back: this run changes nothing.")
