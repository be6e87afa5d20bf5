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
    ADMIN = "admin"


DOES = {
    Role.VIEWER: "sees plans, boards and reports",
    Role.MERCHANDISER: "plans sales, sets prices and stock",
    Role.APPROVER: "approves plans, sets the fatigue rules, reads the trail",
    Role.OPERATOR: "runs sales: steps, stock, capacity, orders",
    Role.ADMIN: "does all of this, connects systems, decides who may do what",
}

PUBLIC = "public"
LOGIN = "login"

_V, _M, _A, _O, _X = Role

MATRIX: dict[str, frozenset[Role]] = {
    "campaigns.edit": frozenset({_M, _X}),
    "campaigns.submit": frozenset({_M, _X}),
    "campaigns.approve": frozenset({_A, _X}),
    "campaigns.control": frozenset({_O, _X}),
    "campaigns.freeze": frozenset({_A, _O, _X}),
    "campaigns.markets": frozenset({_A, _X}),
    "campaigns.risk": frozenset({_A, _X}),
    "campaigns.glass": frozenset({_O, _X}),
    "fatigue.edit": frozenset({_A, _X}),
    "fatigue.audience": frozenset({_M, _A, _X}),
    "fatigue.override": frozenset({_A, _X}),
    "prices.edit": frozenset({_M, _X}),
    "stock.edit": frozenset({_M, _O, _X}),
    "stock.control": frozenset({_O, _X}),
    "capacity.edit": frozenset({_O, _X}),
    "runbook.act": frozenset({_O, _X}),
    "providers.edit": frozenset({_X}),
    "providers.test": frozenset({_O, _X}),
    "orders.control": frozenset({_O, _X}),
    "uplift.edit": frozenset({_M, _A, _X}),
    "audit.view": frozenset({_A, _O, _X}),
    "people.edit": frozenset({_X}),
    "doctor.view": frozenset({_O, _X}),
}


def roles(user: User | AnonymousUser) -> frozenset[Role]:
    """The roles of a user, read once per request; a superuser is an admin."""
    cached: frozenset[Role] | None = getattr(user, "_roles", None)
    if cached is None:
        cached = _roles(user)
        user._roles = cached  # type: ignore[union-attr]
    return cached


def _roles(user: User | AnonymousUser) -> frozenset[Role]:
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return frozenset(assigned(user))


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
