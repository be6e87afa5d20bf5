"""What the measured sales say, in one sentence each."""

from __future__ import annotations

from console.uplift.rules.recovery import Recovery


def suggestion(told: Recovery) -> str:
    """What the history says about the half-life, or plainly that it cannot tell."""
    if not told.tells:
        return f"Your data cannot tell the half-life: {told.why}"
    if told.low == told.high:
        return f"Your data suggests a half-life of {told.low} days"
    return f"Your data suggests a half-life of {told.low} to {told.high} days"
