"""What schemathesis is told beside the description.

A key is for one request; and every other made-up id is one of a reservation there is.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import Any
from uuid import UUID, uuid4

import schemathesis

KEY = "Idempotency-Key"
granted: deque[str] = deque(maxlen=50)
turns = itertools.count()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make a key that could be one new: two made-up bodies under one are refused."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", str((case.headers or {}).get(KEY, ""))):
        case.headers[KEY] = uuid4().hex
    if case.path.startswith("/reservations/") and next(turns) % 2 and granted:
        _be_of_one(case.path_parameters, ends=case.path.endswith("/release"))


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember what was granted."""
    if case.path == "/reservations" and response.status_code == 201:
        granted.append(response.json()["id"])


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
