"""A process that gives stock back and is killed before statement k, for each k asked.

`python -m tests.stock.faults.dying SECONDS`, on stdin one k a line; it answers
`killed`, or `done` when there were fewer statements. SECONDS since 1970: when it acts.
Each try is a child of its own, with a connection of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django
import psycopg

CAMPAIGN = "FS-1"
Act = Callable[[int, datetime], None]


def die_before(number: int) -> None:
    """From here on this process ends before its statement of that number, from 1."""
    left = number

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*args, **kwargs)

        return step

    for kind, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Cursor, "executemany"),
        (psycopg.Connection, "commit"),
    ):
        setattr(kind, name, counted(getattr(kind, name)))


def give_back(number: int, now: datetime) -> None:
    """Give the stock back in a child; die on the way."""
    from console.stock import operations as stock

    die_before(number)
    stock.return_units(CAMPAIGN, actor=None, now=now)


def attempt(number: int, now: datetime, act: Act = give_back) -> str:
    """What became of a child."""
    child = os.fork()
    if child == 0:
        try:
            act(number, now)
        except BaseException as wrong:
            sys.stderr.write(f"{wrong!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return "done" if os.WEXITSTATUS(status) == 0 else "failed"


def main(now: datetime, act: Act = give_back) -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        sys.stdout.write(attempt(int(line), now, act) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    main(datetime.fromtimestamp(float(sys.argv[1]), UTC))
