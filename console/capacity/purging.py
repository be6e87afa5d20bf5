"""Makes the cache forget, and looks whether it did."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from console.errors import OutsideFailure
from console.providers.ports import CacheState, Purger
from console.runbook.handlers import Seen

LOOKS = 6
LOOK_EVERY_S = 0.25
AGAIN_AFTER_S = 3.0
GIVE_UP_AFTER_S = 15.0


def work(
    purger: Purger,
    wanted: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
    *,
    key: str,
    now: datetime,
) -> Seen:
    """Purge once, look; purge once more if the old page is still served.

    seen: what an earlier call read; it says when the purges were.

    Raises:
        OutsideFailure: the old page is served after the second purge.
    """
    clock = _Clock(now)
    purged = list((seen or {}).get("purged_at") or [])
    if not purged or _again(purged, clock.now()):
        purger.purge(
            wanted["tags"], soft=wanted.get("soft", True), key=f"{key}/{len(purged)}"
        )
        purged.append(clock.now().isoformat())
    old = _look(purger, wanted.get("probe_urls") or [], _instant(purged[0]), clock)
    return _told(wanted, purged, old, clock.now())


class _Clock:
    """The caller's time, running on."""

    def __init__(self, now: datetime) -> None:
        self.start, self.began = now, time.monotonic()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=time.monotonic() - self.began)


def _again(purged: Sequence[str], now: datetime) -> bool:
    waited = (now - _instant(purged[0])).total_seconds()
    return len(purged) == 1 and waited >= AGAIN_AFTER_S


def _look(
    purger: Purger, urls: Sequence[str], purged_at: datetime, clock: _Clock
) -> list[str]:
    """The pages still served from before the purge; looks a few times."""
    old = list(urls)
    for look in range(LOOKS):
        if look:
            time.sleep(LOOK_EVERY_S)
        old = [url for url in old if _is_old(purger.cached(url), purged_at, clock)]
        if not old:
            break
    return old


def _is_old(state: CacheState, purged_at: datetime, clock: _Clock) -> bool:
    """True if what was served is from before the purge.

    STALE is what a soft purge leaves while the page is fetched anew. Age is rounded
    down to whole seconds, so a page of the purge's own second passes as new.
    """
    if state.status == "STALE":
        return True
    since = (clock.now() - purged_at).total_seconds()
    return state.status == "HIT" and state.age_s is not None and state.age_s > since


def _told(
    wanted: Mapping[str, Any], purged: list[str], old: list[str], now: datetime
) -> Seen:
    probes = len(wanted.get("probe_urls") or [])
    values = {"purged_at": purged, "old": old, "probes": probes}
    times = "purged twice" if len(purged) > 1 else "purged"
    if not old:
        return Seen(values, f"{times.capitalize()}, {probes} pages looked at are new")
    if (now - _instant(purged[0])).total_seconds() > GIVE_UP_AFTER_S:
        raise OutsideFailure(
            f"{len(old)} of {probes} pages are still served as they were before, "
            f"though {times}: {old[0]}. Purge by hand, then retry.",
            transient=False,
        )
    note = f"{len(old)} of {probes} pages still old"
    return Seen(values, note, pending=True, poll_after_s=0.5)


def _instant(spelled: str) -> datetime:
    return datetime.fromisoformat(spelled)
