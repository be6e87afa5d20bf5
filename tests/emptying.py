"""Emptying the database between transactional tests, in the time of a few deletes.

Django's own way is to TRUNCATE every table, a new file for each table and index, and
to write all content types and permissions anew: more than a second with our tables.
"""

from __future__ import annotations

import sys
from functools import cache

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

KEPT = {"django_content_type", "auth_permission"}
"""What migrating writes anew from the models; no test changes it."""


PATIENCE_S = 30
"""How long others may be in the middle of a transaction."""

OTHERS = """
select pid, state, now() - xact_start, query from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
and backend_type = 'client backend'
"""
BUSY = f"{OTHERS} and xact_start is not null"


def empty(*, patience_s: float = PATIENCE_S) -> None:
    """Delete all rows, as soon as nobody else is in the middle of a transaction.

    Neither foreign keys nor the refusals of append-only tables are asked: that takes
    a superuser, which whoever may create the databases of tests mostly is. A thread or
    a process that a test left behind in a transaction is named and ended: the tests
    that follow are not to blame.
    """
    try:
        _delete(patience_s)
    except OperationalError:
        end(BUSY)
        _delete(patience_s)


def _delete(patience_s: float) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _tables()
        cursor.execute(f"set local lock_timeout = '{patience_s}s'")
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
        cursor.execute("set local session_replication_role = replica")
        for table in _written(cursor, tables):
            cursor.execute(f"delete from {table}")


def end(others: str = OTHERS) -> None:
    """End other sessions of this database, and say what they were doing."""
    with connection.cursor() as cursor:
        cursor.execute(others)
        for left in cursor.fetchall():
            print("A test left a session behind:", *left, file=sys.__stderr__)
            cursor.execute("select pg_terminate_backend(%s, 5000)", [left[0]])


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True)
    return tuple(connection.ops.quote_name(n) for n in sorted({*names} - KEPT))


def _written(cursor: CursorWrapper, tables: tuple[str, ...]) -> list[str]:
    """Tables with a row in them."""
    asked = ", ".join(f"exists (select from {table})" for table in tables)
    cursor.execute(f"select {asked}")
    return [t for t, found in zip(tables, cursor.fetchone(), strict=True) if found]
