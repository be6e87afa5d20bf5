"""Many threads through one door at once, each with its own database connection."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def in_parallel(count: int, act: Callable[[int], T]) -> list[T | Exception]:
    """What each of `count` threads got, or the exception it met, in their order.

    They start together, connected already; the number of the thread is what `act` is
    given.
    """
    gate = Barrier(count)

    def one(number: int) -> T | Exception:
        try:
            connection.ensure_connection()
            gate.wait(10)
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
