"""What went wrong outside, sorted by what helps: wait, stop, or ask an operator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx2

from console.errors import OutsideFailure

RETRY_AFTER_MOST_S = 3600.0

# status: (kind, transient). Anything else: 4xx is our mistake, 5xx is theirs.
_KINDS = {
    401: ("auth", False),
    402: ("quota", False),
    403: ("auth", False),
    404: ("not_found", False),
    405: ("unsupported", False),
    408: ("unreachable", True),
    409: ("conflict", True),
    410: ("not_found", False),
    412: ("conflict", True),
    423: ("in_progress", True),
    425: ("in_progress", True),
    429: ("rate_limited", True),
    501: ("unsupported", False),
    502: ("unreachable", True),
    503: ("unreachable", True),
    504: ("unreachable", True),
    507: ("quota", False),
}
_ADVICE = {
    "auth": "Check the secret of this connection.",
    "quota": "Raise the quota there, or ask for less.",
    "not_found": "Check the address and the names used.",
    "rate_limited": "It asked us to slow down.",
    "conflict": "Somebody else changed it at the same time.",
}


class Spoken(Protocol):
    """The part of an answer that is judged."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whatever their case."""

    @property
    def body(self) -> bytes:
        """The body."""


def of_answer(
    name: str, answer: Spoken, *, hide: tuple[str, ...] = ()
) -> OutsideFailure | None:
    """Judge an answer; None if it is a success.

    hide: secrets that must not appear, even if the other side echoes them.
    """
    if 200 <= answer.status < 300:
        return None
    if answer.status < 400:
        return OutsideFailure(
            f"{name} redirects to another address ({answer.status}). "
            "Enter the final address; redirects are not followed.",
            transient=False,
            kind="invalid",
        )
    kind, transient = _KINDS.get(answer.status, _other(answer.status))
    said = _said(answer.body, hide)
    message = f"{name} answered {answer.status}{said}. {_ADVICE.get(kind, '')}".strip()
    wait = retry_after(answer.headers) if transient else None
    return OutsideFailure(message, transient=transient, kind=kind, retry_after_s=wait)


def of_transport(name: str, error: httpx2.HTTPError) -> OutsideFailure:
    """Name what went wrong on the way."""
    if isinstance(error, httpx2.TimeoutException):
        what = "did not answer in time"
    elif isinstance(error, httpx2.ConnectError):
        what = "cannot be reached"
    else:
        what = "broke off its answer"
    return OutsideFailure(f"{name} {what}.", transient=True, kind="unreachable")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds they ask us to wait, from seconds or an HTTP date; at most an hour.

    A date counts from their own clock where they send one: ours may differ.
    Source: RFC 9110 section 10.2.3.
    """
    spelled = headers.get("retry-after", "").strip()
    if spelled.isdigit():
        return min(float(spelled), RETRY_AFTER_MOST_S)
    at = _http_date(spelled)
    if at is None:
        return None
    since = _http_date(headers.get("date", "")) or datetime.now(UTC)
    return min(max((at - since).total_seconds(), 0.0), RETRY_AFTER_MOST_S)


def _http_date(spelled: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(spelled)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _other(status: int) -> tuple[str, bool]:
    return ("failed", True) if status >= 500 else ("invalid", False)


def _said(body: bytes, hide: tuple[str, ...]) -> str:
    """Their own words, if they sent a short JSON message; never a secret."""
    try:
        told = json.loads(body[:4000])
    except ValueError:
        return ""
    words = told.get("message") or told.get("error") if isinstance(told, dict) else ""
    if not isinstance(words, str) or not words:
        return ""
    for secret in hide:
        words = words.replace(secret, "•••")
    plain = "".join(c for c in words if c.isprintable())[:160].rstrip(".")
    return f": {plain}"
