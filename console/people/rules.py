"""Who may take what from whom; plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from console.errors import Refusal

ALL = "every category"
EVERY_MARKET = "every market"
"""What something names that concerns all of them."""


class NoLongerAdmin(Refusal):
    """The one who asks lost the role while asking."""

    code = "no_longer_admin"
    status = 403


class OwnAccount(Refusal):
    """Nobody takes their own way in."""

    code = "own_account"


class LastAdmin(Refusal):
    """Without this person nobody could add anybody."""

    code = "last_admin"


class RolesChanged(Refusal):
    """Somebody else changed the roles while they were being edited."""

    code = "roles_changed"


def check_shown(shown: Set[str] | None, held: Set[str]) -> None:
    """Refuse to write roles over some that the editor never saw.

    shown: the roles on the form; None from the command line.

    Raises:
        RolesChanged: they are others by now.
    """
    if shown is not None and shown != held:
        now = ", ".join(sorted(held)) or "none"
        raise RolesChanged(
            f"Somebody changed the roles while you were editing: they are {now} now. "
            "Open the form again.",
            field="roles",
        )


def check_asks(actor: int | None, admins: Set[int]) -> None:
    """Refuse somebody who is not an active admin at this instant.

    actor: None is Doorbuster itself, from the command line.

    Raises:
        NoLongerAdmin: another admin was quicker.
    """
    if actor is not None and actor not in admins:
        raise NoLongerAdmin(
            "You are no longer an admin, so nothing was changed. Ask another admin."
        )


def check_other(person: int, actor: int | None) -> None:
    """Refuse to end one's own account, or to lock oneself out of it.

    Raises:
        OwnAccount: the person and the one who asks are the same.
    """
    if person == actor:
        raise OwnAccount("This is your own account. Ask another admin to do this.")


def check_not_last(person: int, name: str, admins: Set[int]) -> None:
    """Refuse to leave the console without an admin.

    admins: every active admin.

    Raises:
        LastAdmin: the person is the only one of them.
    """
    if admins == {person}:
        raise LastAdmin(
            f"{name} is the only admin. Give somebody else the role admin first."
        )


class OutOfScope(Refusal):
    """The person may do this, but not for this category or market."""

    code = "out_of_scope"
    status = 403


@dataclass(frozen=True)
class Limit:
    """What a person may act on; an empty set is everything."""

    categories: Set[str] = frozenset()
    markets: Set[str] = frozenset()

    def __str__(self) -> str:
        """`Outerwear, Tents; DE`, or nothing."""
        parts = (", ".join(sorted(self.categories)), ", ".join(sorted(self.markets)))
        return "; ".join(filter(None, parts))


def check_scope(limit: Limit, categories: Set[str], markets: Set[str]) -> None:
    """Refuse somebody who is limited to something else; who has no limit never is.

    Raises:
        OutOfScope: naming what is outside, and what is inside.
    """
    if outside := _outside(limit, categories, markets):
        raise OutOfScope(
            f"You are limited to {limit}, and this concerns {', '.join(outside)}. "
            "Ask somebody whose scope covers it."
        )


def _outside(limit: Limit, categories: Set[str], markets: Set[str]) -> list[str]:
    wrong = sorted(categories - limit.categories) if limit.categories else []
    return wrong + (sorted(markets - limit.markets) if limit.markets else [])


LONGEST_DAYS = 366
"""A year, also a leap year."""


class TokenUnknown(Refusal):
    """The token is not one of ours, was revoked, or its owner left."""

    code = "token_unknown"
    status = 401


class TokenExpired(Refusal):
    """The token's time is up."""

    code = "token_expired"
    status = 401


class TokenTooLong(Refusal):
    """A token must end, within a year."""

    code = "token_too_long"
    status = 422


class ScopeNotHeld(Refusal):
    """A permission that is not the owner's to give."""

    code = "scope_not_held"
    status = 422


class TokenNameTaken(Refusal):
    """Two tokens of one name could not be told apart."""

    code = "token_name_taken"
    status = 422


def check_days(days: int) -> None:
    """Refuse a token that never lived, or outlives a year.

    Raises:
        TokenTooLong: names the limit.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenTooLong(
            f"A token lasts from 1 to {LONGEST_DAYS} days. Choose another number.",
            field="days",
        )


def check_scopes(wanted: Iterable[str], held: Set[str]) -> None:
    """Refuse a scope the owner does not have.

    Raises:
        ScopeNotHeld: which.
    """
    for scope in wanted:
        if scope not in held:
            raise ScopeNotHeld(
                f"Your roles do not include {scope}. Leave it out, or ask an admin.",
                field="scopes",
            )


def check_name(name: str, taken: Set[str]) -> None:
    """Refuse a name the owner's tokens have already, or none.

    Raises:
        TokenNameTaken: choose another.
    """
    if not name or name in taken:
        raise TokenNameTaken(
            "Give the token a name that none of your tokens has.", field="name"
        )
