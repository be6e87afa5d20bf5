"""Between transactional tests no row is left, and what guards rows is as before."""

from __future__ import annotations

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from console.audit.models import Entry
from tests import make
from tests.emptying import _tables, _written, empty

pytestmark = pytest.mark.django_db(transaction=True)


def written() -> list[str]:
    with connection.cursor() as cursor:
        return _written(cursor, _tables())


def test_no_row_is_left_whatever_refuses_to_delete_it() -> None:
    make.armed()
    before = {'"audit_entry"', '"prices_pricepoint"', '"stock_movement"'}
    assert before <= set(written())
    kinds = ContentType.objects.count()
    empty()
    assert written() == []
    assert ContentType.objects.count() == kinds > 0


def test_afterwards_the_tables_refuse_as_ever() -> None:
    empty()
    make.armed()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("delete from audit_entry")
    assert Entry.objects.exists()


def test_a_transaction_that_was_left_open_is_named_and_ended(
    capfd: pytest.CaptureFixture[str],
) -> None:
    make.armed()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("select from audit_entry")
        empty(patience_s=0.1)
        assert "select from audit_entry" in capfd.readouterr().err
        assert written() == []
        other.close()
