"""The two expected errors: we say no (Refusal), or they failed (OutsideFailure)."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """We say no: a code for programs and one sentence that tells a person what to do.

    Subclasses are named by the state in words and set `code` and `status`.

    code: snake case, stable, documented in docs/errors.md.
    status: the HTTP status an entrance answers with.
    field: the input field that is wrong, where there is one.
    detail: JSON-safe values a program may use (never secrets).
    """

    code = "refused"
    status = 409

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        field: str = "",
        status: int = 0,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Keep the sentence; code and status fall back to those of the class."""
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.field = field
        self.detail = detail or {}


class OutsideFailure(Exception):
    """They failed: an outside system did not do what it was asked.

    kind: one of the error taxonomy (rate_limited, in_progress, conflict, quota, auth,
        invalid, not_found, unsupported, partial, unreachable, failed).
    transient: True if the same request may succeed later.
    retry_after_s: seconds the other side asked us to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        transient: bool,
        kind: str = "failed",
        retry_after_s: float | None = None,
    ) -> None:
        """Keep what an operator needs: the sentence, and whether waiting helps."""
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.transient = transient
        self.retry_after_s = retry_after_s
