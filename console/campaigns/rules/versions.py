"""Versions of things that have no counter: the hash of what somebody saw of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from console.campaigns.rules.decisions import check_version

NOT_THERE = 0
"""The version of what does not exist yet."""


def fingerprint(said: Mapping[str, Any]) -> int:
    """A version of these values, JSON-safe: the same for the same, and exact in JSON.

    48 bits: a program that reads numbers as floats reads it whole.
    """
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:6], "big") or 1


def check_seen(
    seen: int | None, held: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    """Refuse to save over values somebody else saved since they were read.

    seen: the version that was read; None for whoever saves whatever is there. Nothing
    is refused where what is wanted is there already.

    Raises:
        StaleEdit: with the values that differ, as they are now.
    """
    newer = {name: value for name, value in held.items() if wanted[name] != value}
    if seen is not None and newer:
        check_version(seen, fingerprint(held), newer)
