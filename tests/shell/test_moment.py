"""Several reads as of one moment, while others write."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import InternalError

from console.shell.moment import one_moment
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
OUT = queries.Asked(show="out")


def buy_all(one: Allocation) -> None:
    """Somebody else takes every unit, on another connection."""

    def take(_: int) -> None:
        lines = [Item(one.sku.code, 5)]
        stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=NOW)

    assert in_parallel(1, take) == [None]


def figure_then_rows(one: Allocation) -> tuple[int, int]:
    """SKUs that are sold out, by the figure and then by the table."""
    told = queries.anatomy("FS-1", now=NOW)
    buy_all(one)
    assert told is not None
    return told.out, len(queries.rows("FS-1", OUT, now=NOW))


def test_the_figure_and_the_filtered_rows_are_of_one_moment() -> None:
    one = make.allocation(quantity=5)
    make.gate()
    with one_moment():
        assert figure_then_rows(one) == (0, 0)
    told = queries.anatomy("FS-1", now=NOW)
    assert told is not None and told.out == 1


def test_control_without_one_moment_they_differ() -> None:
    one = make.allocation(quantity=5)
    make.gate()
    assert figure_then_rows(one) == (0, 1)


def test_nothing_is_written_within_one_moment() -> None:
    with pytest.raises(InternalError, match="read-only"), one_moment():
        make.sku()


def test_within_a_transaction_it_leaves_it_as_it_is() -> None:
    with transaction.atomic(), one_moment():
        make.sku()
