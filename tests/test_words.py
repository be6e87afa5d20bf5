"""Counts in words."""

from __future__ import annotations

import pytest

from console import words


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 SKUs"), (1, "1 SKU"), (1200, "1,200 SKUs")]
)
def test_one_is_said_in_the_singular(number: int, said: str) -> None:
    assert words.count(number, "SKU") == said


def test_a_noun_may_have_its_own_plural() -> None:
    assert words.count(2, "try", "tries") == "2 tries"
