"""What a policy protects: everything, an audience, a market, a category, and so on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.errors import Refusal

EACH = "*"
"""The name of a policy for each thing of its kind that has none of its own."""


class UnknownScope(Refusal):
    """No such thing can have a policy."""

    code = "unknown_scope"
    status = 422


class Kind(StrEnum):
    """What can tire, from the widest to the narrowest."""

    EVERYTHING = "everything"
    AUDIENCE = "audience"
    MARKET = "market"
    CATEGORY = "category"
    BRAND = "brand"
    SKU = "sku"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return "SKU" if self is Kind.SKU else self.value.capitalize()


@dataclass(frozen=True, order=True, slots=True)
class Scope:
    """One thing that can tire. name: a slug, a code or a name; none of everything.

    `EACH` as the name stands for each thing of the kind.
    """

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        """`category:Boots`, or `everything`; how it is stored and spoken of in APIs."""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)

    @property
    def each(self) -> bool:
        """True if it stands for each thing of its kind."""
        return self.name == EACH

    @property
    def general(self) -> Scope:
        """The scope whose policy holds where this one has none."""
        return Scope(self.kind, EACH if self.name else "")


EVERYTHING = Scope(Kind.EVERYTHING)
EACH_SKU = Scope(Kind.SKU, EACH)


def scope_of(text: str) -> Scope:
    """The scope of a text like `category:Boots`.

    Raises:
        UnknownScope: no such kind, or a name too many or too few.
    """
    kind, _, name = text.partition(":")
    try:
        found = Scope(Kind(kind), name)
    except ValueError:
        raise UnknownScope(
            f"Nothing of the kind “{kind[:40]}” can have a policy. "
            f"Choose {', '.join(Kind)}.",
            field="scope",
        ) from None
    check_scope(found)
    return found


def check_scope(scope: Scope) -> None:
    """Refuse a name where there is none, and none where there must be one.

    Raises:
        UnknownScope: which of the two.
    """
    if scope.kind is Kind.EVERYTHING and scope.name:
        raise UnknownScope("Everything has no name. Leave it out.", field="name")
    if scope.kind is not Kind.EVERYTHING and not scope.name.strip():
        raise UnknownScope(
            f"Say which {scope.kind.label} the policy is for, or {EACH} for each.",
            field="name",
        )
