"""What a page says a product costs, as machines read it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.providers.client import Answer
from console.providers.drivers._pages import offered


def page(body: str) -> Answer:
    return Answer("shop", 200, {}, body.encode(), 1.0)


@pytest.mark.parametrize(
    "body,price",
    [
        ('<s>100</s><meta itemprop="price" content="70.00">', "70.00"),
        ("<META CONTENT='70' ITEMPROP='price'>", "70"),
        ('<data itemprop="price" content="70"></data><meta itemprop="price" '
         'content="90">', "70"),
    ],
)  # fmt: skip
def test_the_first_marked_price_counts(body: str, price: str) -> None:
    assert offered(page(body)) == Decimal(price)


@pytest.mark.parametrize(
    "body",
    ["", "<p>70.00 EUR</p>", '<meta itemprop="price">',
     "<meta itemprop=price content=x>",
     '<meta itemprop="price" content="NaN">', "<meta <<< \x00",
     *(f'<meta itemprop=price content={said}>' for said in
       ("0", "-1", "1E+999999999", "1E-999999999", "100000000000"))],
)  # fmt: skip
def test_a_page_that_marks_no_price_names_none(body: str) -> None:
    assert offered(page(body)) is None
