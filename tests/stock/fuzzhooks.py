"""What schemathesis is told beside the description.

A key is for one request, but now and then it comes again, with the body it came with or
with another of the same buyer; and every other made-up id is one of a reservation there
is.
"""

from __future__ import annotations

import itertools
import os
import re
from collections import deque
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import schemathesis

KEY = "Idempotency-Key"
granted: deque[str] = deque(maxlen=50)
turns = itertools.count()
taken: deque[tuple[str, Any]] = deque(maxlen=50)
"""Keys of reservations that were granted, and the body of each."""
repeats = itertools.count()
UNDERSTOOD = ("unknown_sku", "idempotency_mismatch")
"""What a body as described may be told with 422: it is read, and there is no such."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make a key that could be one new: two made-up bodies under one are refused."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", str((case.headers or {}).get(KEY, ""))):
        case.headers[KEY] = uuid4().hex
        if case.path == "/reservations" and _described(case) and taken:
            _repeat(case, next(repeats))
    if case.path.startswith("/reservations/") and next(turns) % 2 and granted:
        _be_of_one(case.path_parameters, ends=case.path.endswith("/release"))


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember what was granted."""
    if case.path == "/reservations" and response.status_code == 201:
        granted.append(response.json()["id"])
        taken.append((case.headers[KEY], case.body))


@schemathesis.check
def what_is_described_is_read(ctx: Any, response: Any, case: Any) -> None:
    """A body as described is never told that it cannot be understood."""
    if response.status_code == 422 and _described(case):
        code = response.json()["code"]
        assert code in UNDERSTOOD, f"422 {code} for a body as described"
        with Path(os.environ["FUZZ_SEEN"]).open("a") as seen:
            seen.write(f"{code}\n")


def _described(case: Any) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _repeat(case: Any, turn: int) -> None:
    """Of ten, send one again as it was, and another's key with what its buyer wants."""
    if turn % 5:
        return
    taken.rotate()
    case.headers[KEY], body = taken[0]
    case.body = body if turn % 10 else case.body | {"buyer": body["buyer"]}


def _be_of_one(parameters: dict[str, Any], *, ends: bool) -> None:
    """Take an id for one that was granted; what is no id stays.

    The newest is paid over and over; the oldest are given back, each once.
    """
    try:
        UUID(str(parameters["id"]))
    except ValueError:
        return
    if parameters["id"] not in granted:
        one = granted.popleft() if ends and len(granted) > 1 else granted[-1]
        parameters["id"] = one
