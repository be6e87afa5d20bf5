"""Emptying the database between transactional tests, in the time of a few deletes.

Django's own way is to TRUNCATE every table, a new file for each table and index, and
to write all content types and permissions anew: more than a second with our tables.
"""

from __future__ import annotations

from functools import cache

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

KEPT = {"django_content_type", "auth_permission"}
"""What migrating writes anew from the models; no test changes it."""


PATIENCE_S = 30
"""How long others may be in the middle of a transaction."""

BUSY = """
select pid, state, now() - xact_start, query from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
and xact_start is not null
"""


class Busy(AssertionError):
    """A test left a transaction behind; the sentence tells which."""


def empty(*, patience_s: float = PATIENCE_S) -> None:
    """Delete all rows, as soon as nobody else is in the middle of a transaction.

    Neither foreign keys nor the refusals of append-only tables are asked: that takes
    a superuser, which whoever may create the databases of tests mostly is.

    Raises:
        Busy: somebody else's transaction did not end. It was ended, and the rows are
            deleted: the tests that follow are not to blame.
    """
    try:
        _delete(patience_s)
    except OperationalError:
        left = _end_others()
        _delete(patience_s)
        raise Busy(f"left in a transaction: {left}") from None


def _delete(patience_s: float) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _tables()
        cursor.execute(f"set local lock_timeout = '{patience_s}s'")
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
        cursor.execute("set local session_replication_role = replica")
        for table in _written(cursor, tables):
            cursor.execute(f"delete from {table}")


def _end_others() -> list[tuple[object, ...]]:
    """End every other transaction of this database; what they were doing."""
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        left = cursor.fetchall()
        for pid, *_ in left:
            cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])
    return left


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True)
    return tuple(connection.ops.quote_name(n) for n in sorted({*names} - KEPT))


def _written(cursor: CursorWrapper, tables: tuple[str, ...]) -> list[str]:
    """Tables with a row in them."""
    asked = ", ".join(f"exists (select from {table})" for table in tables)
    cursor.execute(f"select {asked}")
    return [t for t, found in zip(tables, cursor.fetchone(), strict=True) if found]
