"""Long lists as one parameter of a statement."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from console.shell.arrays import array
from tests.examples import examples

TEXTS = st.lists(
    st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9
    )
)
QUICK = examples(60, [HealthCheck.function_scoped_fixture])


def _read(values: list[str] | list[int], kind: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"select %s::{kind}[]", [array(values)])
        return cursor.fetchone()[0]


@QUICK
@given(TEXTS)
@pytest.mark.django_db
def test_postgresql_reads_the_texts_that_were_written(values: list[str]) -> None:
    assert _read(values, "text") == values


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values", [["NULL", "null", ""], ['a"b', "a\\b", "{a,b}", "it's", " a "]]
)
def test_no_text_is_taken_for_a_sign(values: list[str]) -> None:
    assert _read(values, "text") == values


@pytest.mark.django_db
def test_whole_numbers_are_read_as_such() -> None:
    assert _read([3, -1, 2_147_483_648], "bigint") == [3, -1, 2_147_483_648]
