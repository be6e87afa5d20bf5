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


def against(told: Recovery, half_life: float) -> tuple[str, str]:
    """How a policy's half-life lies to the interval: a tone, and words."""
    if not told.tells or told.low is None or told.high is None:
        return "", "cannot be told"
    if half_life < told.low:
        return "warn", "shorter than the data suggests: people meet sales tired"
    if half_life > told.high:
        return "info", "longer than the data suggests: there is room for more sales"
    return "ok", "within what the data suggests"


def took(told: Recovery) -> str:
    """What to take from the plot of uplift against rest."""
    if not told.tells or told.full is None:
        return f"{suggestion(told)}. No curve is drawn."
    return (
        f"{suggestion(told)}: rested, a sale brings {told.full:.1f} × its baseline on "
        f"top; after {told.half_life} days, half of that."
    )
