"""Looks through the edge, put into a plan after the purges that follow its prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.campaigns.parts import Part
from console.runbook.models import Step

LOOK, LOOK_TITLE = "prices.look_edge", "Look at prices through the edge"
APPLY, PURGE, REVERT = "prices.apply", "capacity.purge", "runbook.revert"


def with_looks(parts: Sequence[Part]) -> list[Part]:
    """The same parts, with a look for each shop whose prices are followed by a purge.

    A price that not everybody may have is not on the public page: nobody looks there.

    Nothing waits for a look: one that finds old pages calls a person, and does not keep
    a sale from opening in time, or from ending.
    """
    found: list[Part] = []
    shops = {part.name: part for part in parts if is_public(part)}
    for part in parts:
        found.append(part)
        if part.kind == PURGE and _is_last(part, parts):
            found += _looks(part, parts, shops)
    return found


def is_public(part: Part | Step) -> bool:
    """True if it sets prices that everybody sees."""
    return part.kind == APPLY and not part.wanted.get("offer")


def _is_last(purge: Part, parts: Sequence[Part]) -> bool:
    """True for the last of the purges that come after the same prices."""
    same = [p for p in parts if p.kind == PURGE and p.after == purge.after]
    return same[-1] is purge


def _looks(
    purge: Part, parts: Sequence[Part], shops: dict[str, Part]
) -> Iterator[Part]:
    purges = tuple(p.name for p in parts if p.kind == PURGE and p.after == purge.after)
    reverts = {part.name: part for part in parts if part.kind == REVERT}
    for name in purge.after:
        if name in shops:
            yield _look(f"look-{name}", shops[name], purge, purges)
        if name in reverts:
            for of in reverts[name].wanted["keys"]:
                if of in shops:
                    yield _look(f"look-end-{of}", shops[of], purge, purges)


def _look(name: str, of: Part, purge: Part, purges: tuple[str, ...]) -> Part:
    return Part(
        name,
        LOOK,
        LOOK_TITLE,
        purge.phase,
        due_at=purge.due_at,
        t_offset_s=purge.t_offset_s,
        target=of.target,
        wanted={"connection": of.wanted["connection"], "of": of.name},
        after=purges,
        policy="degrade",
    )
