"""Standard Webhooks signatures: made and checked over the raw body.

Source: the specification at github.com/standard-webhooks/standard-webhooks, sections
"Signature scheme" and "Verifying webhook authenticity".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from console.errors import Refusal

TOLERANCE_S = 300
PREFIX = "whsec_"


class Unsigned(Refusal):
    """The webhook headers are missing."""

    code = "unsigned"
    status = 401


class ForgedSignature(Refusal):
    """None of the sender's secrets made this signature."""

    code = "forged_signature"
    status = 401


class StaleSignature(Refusal):
    """The signature is older or newer than five minutes."""

    code = "stale_signature"
    status = 401


def verify(
    headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime
) -> str:
    """Check a signed message and return its id.

    secrets: any of them may have signed, so that one can be rotated.

    Raises:
        Unsigned: a header is missing.
        StaleSignature: its time is more than five minutes from now.
        ForgedSignature: none of the secrets signed exactly these bytes.
    """
    message, stamp, given = _headers(headers)
    _check_time(stamp, now)
    offered = list(_offered(given))
    wanted = [sign(key, message, stamp, body) for key in _keys(secrets)]
    matches = [hmac.compare_digest(one, other) for one in wanted for other in offered]
    if not any(matches):
        raise ForgedSignature(
            "The signature does not fit the body. Check the address, and sign the raw "
            "bytes with the secret that was entered here."
        )
    return message


def sign(key: bytes, message: str, stamp: str, body: bytes) -> bytes:
    """The HMAC-SHA256 of `id.timestamp.body`."""
    told = b".".join([message.encode(), stamp.encode(), body])
    return hmac.new(key, told, hashlib.sha256).digest()


def _headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message, stamp, given = (headers.get(name, "").strip() for name in names)
    if not (message and stamp and given) or len(message) > 200:
        raise Unsigned(
            "Send the headers webhook-id, webhook-timestamp and webhook-signature "
            "of Standard Webhooks."
        )
    return message, stamp, given


def _check_time(stamp: str, now: datetime) -> None:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise Unsigned("webhook-timestamp must be seconds since 1970.")
    if abs(int(stamp) - now.timestamp()) > TOLERANCE_S:
        raise StaleSignature(
            "The message was signed more than five minutes from now. Sign each try "
            "anew, and check the clock of the sender."
        )


def _offered(given: str) -> Iterator[bytes]:
    for part in given.split():
        version, _, text = part.partition(",")
        if version == "v1" and (found := _decoded(text)):
            yield found


def key_of(secret: str) -> bytes:
    """What a secret signs with: base64 after `whsec_`, else the text as it is.

    Empty if that cannot be read.
    """
    if secret.startswith(PREFIX):
        return _decoded(secret.removeprefix(PREFIX))
    return secret.encode()


def _keys(secrets: Iterable[str]) -> Iterator[bytes]:
    return filter(None, map(key_of, secrets))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
