"""Waiting for the locks of others a while, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable

from console.errors import Refusal


@contextmanager
def patiently(seconds: float, busy: Callable[[], Refusal]) -> Iterator[None]:
    """Wait at most so long for each lock; within a transaction, which then is lost.

    busy: what to say when one stays taken.

    Raises:
        Refusal: what `busy` says.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise busy() from None
        raise
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
