"""Who can do what kind of step: the registry that rooms add their handlers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.errors import Refusal
from console.runbook.models import Step


@dataclass(frozen=True)
class Seen:
    """What a handler read back.

    pending: accepted, not yet in effect; called again poll_after_s later.
    progress: 0 to 1, where the handler knows how far it is.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    pending: bool = False
    poll_after_s: float = 1.0
    progress: float | None = None


@dataclass(frozen=True)
class Setting:
    """One thing a step sets: what it should be, and what it is now, in words.

    found: empty where it is not there at all. holds: it is as it should be.
    """

    name: str
    wanted: str
    found: str
    holds: bool


class Drifted(Refusal):
    """The actual is neither what we set nor what was there before: nothing was done."""

    code = "drifted"


class UnknownKind(LookupError):
    """No room handles this kind of step."""


Apply = Callable[[Step], Seen]
Before = Callable[[Step], Mapping[str, Any]]
Settings = Callable[[Step], list[Setting]]


@dataclass(frozen=True)
class Handler:
    """How one kind of step is applied, what is kept first, and how it is put back."""

    kind: str
    apply: Apply
    before: Before | None = None
    revert: Apply | None = None
    settings: Settings | None = None


_handlers: dict[str, Handler] = {}


def handles(
    kind: str,
    *,
    before: Before | None = None,
    revert: Apply | None = None,
    settings: Settings | None = None,
) -> Callable[[Apply], Apply]:
    """Register the function as the handler of a kind, `room.verb`.

    The function states an end: it acts only where the actual differs, reads back, and
    so may run twice. `before` is asked once, and its answer is stored before the first
    apply. `revert` puts that back, only where the actual is still what was applied.
    `settings` reads what the step sets and changes nothing; of a step that was reverted
    it tells what should be there since.
    """

    def register(apply: Apply) -> Apply:
        _handlers[kind] = Handler(kind, apply, before, revert, settings)
        return apply

    return register


def handler(kind: str) -> Handler:
    """The handler of a kind.

    Raises:
        UnknownKind: no room has registered one.
    """
    try:
        return _handlers[kind]
    except KeyError:
        raise UnknownKind(f"No handler for steps of kind {kind!r}") from None


def kinds() -> list[str]:
    """Every kind of step there is."""
    return sorted(_handlers)
