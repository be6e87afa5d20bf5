"""What an act concerns, told by whoever knows it, and refused outside of a scope.

A step of a run sheet, a price or a level belongs to categories and markets that only a
room further up knows: it registers a function here, and the rooms below ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from console.people.queries import limit_of
from console.people.rules import Limit, check_scope

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    Actor = User | AnonymousUser | AbstractBaseUser | None


class Kind(StrEnum):
    """What is named: SKUs by code, or campaigns by code."""

    SKU = "sku"
    CAMPAIGN = "campaign"


@dataclass(frozen=True)
class Concern:
    """The categories and markets of what is named; none is in every scope."""

    categories: frozenset[str] = frozenset()
    markets: frozenset[str] = frozenset()


Teller = Callable[[Iterable[str]], Concern]
_tellers: dict[Kind, Teller] = {}


def told_by(kind: Kind, teller: Teller) -> None:
    """Register who knows what these things concern; of an unknown one, nothing."""
    _tellers[kind] = teller


def check_within(actor: Actor, kind: Kind, names: Iterable[str]) -> None:
    """Refuse somebody who is limited to other categories or markets.

    Who has no limit, and the console itself, costs one query at most.

    Raises:
        OutOfScope: naming what is outside, and what is inside.
    """
    limit = limit_of(actor) if isinstance(actor, User) else Limit()
    if limit != Limit():
        concern = _tellers[kind](names)
        check_scope(limit, concern.categories, concern.markets)
