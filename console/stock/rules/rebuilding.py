"""What a rebuild is known by: the hash of its plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence


def plan_hash(plan: Sequence[Mapping[str, object]]) -> str:
    """SHA-256 of a plan, spelled the same way whatever order its keys come in."""
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
