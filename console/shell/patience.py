"""Waiting for the locks of others a while, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from console.errors import Refusal


@contextmanager
def patiently(seconds: float, busy: Callable[[], Refusal]) -> Iterator[None]:
    """Wait at most so long for each lock; within a transaction, which then is lost.

    busy: what to say when one stays taken.

    Raises:
        Refusal: what `busy` says.
    """
    before = _within(f"{round(seconds * 1000)}")
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
            raise busy() from None
        raise
    _within(before)


def _within(limit: str) -> str:
    """Set the time a lock is waited for, until the transaction ends; the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [limit])
        return str(before)
