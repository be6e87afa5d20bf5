"""How many examples a property is tried with: few by each `make test`, more by soak."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, settings

SOAK = "soak"
SHARE, LEAST = 4, 10


def register() -> None:
    """Make both profiles known, and use the short one unless told otherwise.

    How long an example takes depends on what else the machine does: no deadlines.
    """
    common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("console", max_examples=100 // SHARE, **common)
    settings.register_profile(SOAK, max_examples=100, **common)
    settings.load_profile("console")


def examples(
    long: int, unchecked: Sequence[HealthCheck] = (), *, short: int | None = None
) -> settings:
    """So many examples by `make soak`; a quarter of them, and ten at least, elsewhere.

    unchecked: health checks that do not apply to this test. short: so many elsewhere.
    """
    soaks = settings.get_current_profile_name() == SOAK
    short = short or min(long, max(LEAST, long // SHARE))
    checks = [HealthCheck.too_slow, *unchecked]
    return settings(max_examples=long if soaks else short, suppress_health_check=checks)
