"""Emptying the database between transactional tests, in the time of a few deletes.

Django's own way is to TRUNCATE every table, a new file for each table and index, and
to write all content types and permissions anew: more than a second with our tables.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

KEPT = {"django_content_type", "auth_permission"}
"""What migrating writes anew from the models; no test changes it."""


def empty() -> None:
    """Delete all rows, as soon as nobody else is in the middle of a transaction.

    Neither foreign keys nor the refusals of append-only tables are asked: that takes
    a superuser, which whoever may create the databases of tests mostly is.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _tables()
        cursor.execute(f"lock table {', '.join(tables)} in access exclusive mode")
        cursor.execute("set local session_replication_role = replica")
        for table in _written(cursor, tables):
            cursor.execute(f"delete from {table}")


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True)
    return tuple(connection.ops.quote_name(n) for n in sorted({*names} - KEPT))


def _written(cursor: CursorWrapper, tables: tuple[str, ...]) -> list[str]:
    """Tables with a row in them."""
    asked = ", ".join(f"exists (select from {table})" for table in tables)
    cursor.execute(f"select {asked}")
    return [t for t, found in zip(tables, cursor.fetchone(), strict=True) if found]
