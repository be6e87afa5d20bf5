"""Counts and choices in words, as every room says them."""

from __future__ import annotations

from collections.abc import Sequence


def either(names: Sequence[str]) -> str:
    """Names in a row, as a choice.

    >>> either(["admin", "auditor", "operator"]), either(["admin"])
    ('admin, auditor or operator', 'admin')
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def count(number: int, word: str, many: str = "") -> str:
    """A number with its noun, in the singular where there is one.

    >>> count(1, "SKU"), count(1200, "SKU")
    ('1 SKU', '1,200 SKUs')
    """
    return f"{number:,} {word if number == 1 else many or word + 's'}"
