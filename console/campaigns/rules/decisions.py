"""Who may decide what, and on which version of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from console.errors import Refusal


class UnknownCampaign(Refusal):
    """There is no campaign of that code."""

    code = "unknown_campaign"
    status = 404


class AuthorCannotApprove(Refusal):
    """Four eyes: who wrote a plan does not approve it."""

    code = "author_cannot_approve"


class ContentChanged(Refusal):
    """The plan is no longer the one that was looked at."""

    code = "content_changed"


class StaleEdit(Refusal):
    """Somebody else changed it first; the newer values are in `detail`."""

    code = "stale_edit"


class ReasonMissing(Refusal):
    """A decision against a plan needs a reason."""

    code = "reason_missing"
    status = 422


class NotAllowedYet(Refusal):
    """The verdict has blockers; each is named."""

    code = "verdict_blocks"


class WindowPassed(Refusal):
    """The sale would open, or end, in the past."""

    code = "window_passed"
    status = 422


class Incomplete(Refusal):
    """Something the plan needs is missing."""

    code = "incomplete"
    status = 422


def check_four_eyes(authors: set[int], actor: int) -> None:
    """Refuse an approval by somebody who worked on the plan.

    authors: who created, changed or submitted this version, or issued a token to a
        program that did.

    Raises:
        AuthorCannotApprove: the actor is one of them.
    """
    if actor in authors:
        raise AuthorCannotApprove(
            "You, or a program by a token you issued, worked on this plan, so "
            "somebody else approves it. Ask a second approver."
        )


def check_hash(seen: str, current: str) -> None:
    """Refuse a decision on a plan that changed since it was read.

    Raises:
        ContentChanged: read it again.
    """
    if seen != current:
        raise ContentChanged(
            "The plan changed after you opened it. Read it again, then decide."
        )


def check_version(seen: int, current: int, newer: Mapping[str, object]) -> None:
    """Refuse an edit of something that changed since it was read.

    newer: the values as they are now, JSON-safe.

    Raises:
        StaleEdit: with the newer values.
    """
    if seen != current:
        told = "; ".join(f"{name} is now {_said(v)}" for name, v in newer.items())
        raise StaleEdit(
            "Somebody changed this while you were editing"
            + (f": {told}. " if told else ". ")
            + "Reload to edit the newer values; yours were not saved.",
            field="version",
            detail={"newer": dict(newer), "version": current},
        )


def _said(value: object) -> str:
    """A value in a sentence."""
    if isinstance(value, Mapping):
        return " ".join(_said(one) for one in value.values() if one)
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "empty"
    return "empty" if value in (None, "") else str(value)


def check_reason(reason: str) -> str:
    """The reason, trimmed.

    Raises:
        ReasonMissing: there is none.
    """
    if not reason.strip():
        raise ReasonMissing("Say why, in one sentence.", field="reason")
    return reason.strip()


def check_opening(opens_at: datetime | None, now: datetime) -> datetime:
    """The opening, if it is still to come.

    Raises:
        Incomplete: there is no date yet.
        WindowPassed: it is over.
    """
    if opens_at is None:
        raise Incomplete("Choose when the sale starts and ends.", field="opens_local")
    if opens_at <= now:
        raise WindowPassed(
            "The start is in the past. Choose a later one.", field="opens_local"
        )
    return opens_at


def check_new_end(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Refuse an end in the past or before the start.

    Raises:
        WindowPassed: use the kill switch instead.
    """
    if closes_at <= now:
        raise WindowPassed(
            "That end is in the past. Choose a later one, or use the kill switch.",
            field="closes_local",
        )
    if closes_at <= opens_at:
        raise WindowPassed(
            "That end is before the start. Choose a later one.", field="closes_local"
        )


class Frozen(Refusal):
    """A freeze holds: nothing may be armed."""

    code = "frozen"


def check_freezes(names: Sequence[str], override: str) -> None:
    """Refuse arming while a freeze holds, or for a time in which one will.

    override: why the author asked to pass over it, granted by the approver.

    Raises:
        Frozen: which, and who can lift it.
    """
    if names and not override:
        raise Frozen(
            f"Frozen: {names[0]}. Choose another time, wait until it is over, or have "
            "an approver lift it."
        )


class EndUnchanged(Refusal):
    """The end that was asked for is the one there is."""

    code = "end_unchanged"


def check_end_moves(before: datetime, closes_at: datetime) -> None:
    """Refuse an amendment that amends nothing.

    Raises:
        EndUnchanged: both are one instant.
    """
    if closes_at == before:
        raise EndUnchanged(
            "The sale already ends at that time. Choose another end.",
            field="closes_local",
        )
