"""What schemathesis is told beside the description: a key is for one request."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make a key that could be one new: two made-up bodies under one are refused."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", str((case.headers or {}).get(KEY, ""))):
        case.headers[KEY] = uuid4().hex
