"""Roles and what each may do: one matrix, checked by one middleware and one test."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class Role(StrEnum):
    """Groups of people; a person may hold several."""

    VIEWER = "viewer"
    MERCHANDISER = "merchandiser"
    APPROVER = "approver"
    OPERATOR = "operator"
    COMMANDER = "commander"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SERVICE = "service"


DOES = {
    Role.VIEWER: "sees plans, boards and reports",
    Role.MERCHANDISER: "plans sales, sets prices and stock",
    Role.APPROVER: "approves plans, sets the fatigue rules, reads the trail",
    Role.OPERATOR: "runs sales: steps, stock, capacity, orders",
    Role.COMMANDER: "leads the event: all of that, and breaks the glass",
    Role.ADMIN: "does all of this, connects systems, decides who may do what",
    Role.AUDITOR: "sees everything, checks the chains, changes nothing",
    Role.SERVICE: "is a program: calls the API by tokens, never signs in",
}

PUBLIC = "public"
LOGIN = "login"

_V, _M, _A, _O, _C, _X, _U, _S = Role
_RUN = frozenset({_O, _C, _X})
"""Who runs a sale: the one on call, the one who leads it, and an admin."""

MATRIX: dict[str, frozenset[Role]] = {
    "campaigns.edit": frozenset({_M, _X, _S}),
    "campaigns.submit": frozenset({_M, _X, _S}),
    "campaigns.approve": frozenset({_A, _X}),
    "campaigns.control": _RUN | {_S},
    "campaigns.note": frozenset(Role) - {_U},
    "campaigns.freeze": _RUN | {_A, _S},
    "campaigns.markets": frozenset({_A, _X}),
    "campaigns.risk": frozenset({_A, _X}),
    "campaigns.glass": frozenset({_C, _X}),
    "fatigue.edit": frozenset({_A, _X}),
    "fatigue.audience": frozenset({_M, _A, _X, _S}),
    "fatigue.override": frozenset({_A, _X}),
    "prices.edit": frozenset({_M, _X, _S}),
    "stock.edit": _RUN | {_M},
    "stock.control": _RUN,
    "capacity.edit": _RUN,
    "runbook.act": _RUN,
    "providers.view": _RUN | {_U},
    "providers.edit": frozenset({_X}),
    "providers.test": _RUN,
    "orders.control": _RUN,
    "uplift.edit": frozenset({_M, _A, _X, _S}),
    "audit.view": _RUN | {_A, _U},
    "people.view": frozenset({_X, _U}),
    "people.edit": frozenset({_X}),
    "doctor.view": _RUN | {_U},
}


def roles(user: User | AnonymousUser) -> frozenset[Role]:
    """The roles of a user, read once per request; a superuser is an admin.

    A service has its role while a token limits it, and else none: whatever way of
    signing in there is, a session of it opens nothing.
    """
    cached: frozenset[Role] | None = getattr(user, "_roles", None)
    if cached is None:
        cached = _roles(user)
        user._roles = cached  # type: ignore[union-attr]
    return cached


def _roles(user: User | AnonymousUser) -> frozenset[Role]:
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = frozenset(assigned(user))
    if Role.SERVICE in held:
        return frozenset({Role.SERVICE}) if hasattr(user, "_scopes") else frozenset()
    return held


def is_service(user: User) -> bool:
    """True for a program's account, which never signs in."""
    return Role.SERVICE in assigned(user)


def assigned(user: User) -> list[Role]:
    """The roles somebody was given, active or not, in the order of the matrix."""
    names = {group.name for group in user.groups.all()}
    if user.is_superuser:
        names.add(Role.ADMIN)
    return [role for role in Role if role in names]


def permissions(held: frozenset[Role]) -> frozenset[str]:
    """Everything these roles may do."""
    return frozenset(need for need, who in MATRIX.items() if who & held)


def limit(user: User, scopes: Iterable[str]) -> None:
    """From here on this user, as loaded, may use no permission but these."""
    user._scopes = frozenset(scopes)  # type: ignore[attr-defined]
    vars(user).pop("_roles", None)


def may(user: User | AnonymousUser, need: str) -> bool:
    """True if the user may do what needs this permission, and a token's scopes too.

    Raises:
        KeyError: the permission is not on the matrix.
    """
    if need == PUBLIC:
        return True
    if need == LOGIN:
        return bool(roles(user))
    within = need in getattr(user, "_scopes", MATRIX)
    return bool(MATRIX[need] & roles(user)) and within
