"""Counts in words, as every room says them."""

from __future__ import annotations


def count(number: int, word: str, many: str = "") -> str:
    """A number with its noun, in the singular where there is one.

    >>> count(1, "SKU"), count(1200, "SKU")
    ('1 SKU', '1,200 SKUs')
    """
    return f"{number:,} {word if number == 1 else many or word + 's'}"
