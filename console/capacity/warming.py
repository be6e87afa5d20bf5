"""Fills the cache before shoppers do, no faster than the origin bears."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from console.errors import OutsideFailure
from console.providers.ports import Fetched, Warmer
from console.runbook.handlers import Seen

RATE_PER_S = 40.0
SLOWEST_PER_S = 1.0
SLICE_S = 8.0
AT_ONCE = 4
HITS_WANTED = 0.95
PASSES_MOST = 4
FAILED_SHOWN = 10
SLOW_TIMES = 3.0
SLOW_FROM_MS = 300.0
SLOW_ALWAYS_MS = 2000.0


@dataclass
class Pass:
    """One round over all pages. ttfb: milliseconds until the first byte, per page."""

    pages: int = 0
    hits: int = 0
    ms: list[float] = field(default_factory=list)

    @property
    def hit_share(self) -> float:
        """How many of the pages came from the cache."""
        return self.hits / self.pages if self.pages else 0.0


@dataclass
class Progress:
    """How far the warming is; kept in the step, so that any worker goes on with it.

    calm_ms: what the origin's best answers took; slow is measured against it.
    """

    passes: list[Pass] = field(default_factory=list)
    done: bool = False
    rate: float = 0.0
    calm_ms: float = 0.0
    slowed: int = 0
    failed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, seen: Mapping[str, Any] | None) -> Progress:
        """Go on where `seen` left off."""
        kept = dict((seen or {}).get("progress") or {})
        passes = [Pass(**one) for one in kept.pop("passes", [])]
        return cls(passes=passes, **kept)

    def seen(self, pages: int) -> Seen:
        """What the run sheet shows."""
        last = self.passes[-1] if self.passes else Pass()
        shown = {
            "pages": pages,
            "hit_share": round(last.hit_share, 3),
            "ttfb_ms": [round(median(one.ms), 1) for one in self.passes],
            "failed": self.failed,
        }
        if self.done:
            return Seen(shown, self._note(), progress=1.0)
        shared = last.pages / pages if pages else 1.0
        kept = {"progress": asdict(self)}
        share = min(0.99, (len(self.passes) - 1 + shared) / 2)
        note = f"Pass {len(self.passes)}: {last.pages} of {pages} pages"
        if self.slowed:
            note += f", slowed to {self.rate:.0f}/s"
        return Seen(
            shown | kept, note, pending=True, poll_after_s=0.2, progress=max(0.0, share)
        )

    def _note(self) -> str:
        first, last = self.passes[0], self.passes[-1]
        return (
            f"{last.hit_share:.0%} from cache, first byte "
            f"{median(first.ms):.0f} ms before, {median(last.ms):.0f} ms after"
        )


def work(
    warmer: Warmer, urls: Sequence[str], progress: Progress, *, rate: float | None
) -> None:
    """Fetch for some seconds, pass after pass, until one pass is warm.

    Raises:
        OutsideFailure: pages fail, or the cache does not keep them.
    """
    most = rate or RATE_PER_S
    progress.rate = progress.rate or most
    until = time.monotonic() + SLICE_S
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not progress.done and time.monotonic() < until:
            current = _current(progress, len(urls))
            size = max(1, min(AT_ONCE * 2, round(progress.rate)))
            part = urls[current.pages : current.pages + size]
            began = time.monotonic()
            fetched = list(pool.map(warmer.fetch, part))
            _count(progress, current, fetched)
            _pace(progress, fetched, most=most)
            _judge(progress, current, len(urls))
            if not progress.done:
                _rest(began, len(part) / progress.rate)


def _current(progress: Progress, pages: int) -> Pass:
    if not progress.passes or progress.passes[-1].pages >= pages:
        progress.passes.append(Pass())
        progress.failed.clear()
    return progress.passes[-1]


def _count(progress: Progress, current: Pass, fetched: Sequence[Fetched]) -> None:
    for page in fetched:
        current.pages += 1
        current.hits += page.cache == "HIT" and page.status == 200
        current.ms.append(page.ms)
        if page.status != 200 and len(progress.failed) < FAILED_SHOWN:
            progress.failed.append(f"{page.url} ({page.status})")


def _pace(progress: Progress, fetched: Sequence[Fetched], *, most: float) -> None:
    """Halve the rate when the origin slows or fails; come back slowly when it is well.

    Only answers of the origin count: the cache is fast whatever happens behind it.
    """
    origin = [page for page in fetched if page.cache != "HIT"]
    if not origin:
        return
    if _is_slow(progress, origin) or any(
        page.status >= 500 or page.status == 429 for page in origin
    ):
        progress.rate = max(SLOWEST_PER_S, progress.rate / 2)
        progress.slowed += 1
    else:
        progress.rate = min(most, progress.rate * 1.2)


def _is_slow(progress: Progress, origin: Sequence[Fetched]) -> bool:
    """True well above the origin's best so far: the first answers may be slow ones."""
    now_ms = median([page.ms for page in origin])
    progress.calm_ms = min(progress.calm_ms or now_ms, now_ms)
    slowest = max(page.ms for page in origin)
    bearable = min(SLOW_ALWAYS_MS, SLOW_TIMES * progress.calm_ms)
    return slowest > max(SLOW_FROM_MS, bearable)


def _judge(progress: Progress, current: Pass, pages: int) -> None:
    """Decide at the end of a pass: warm, once more, or give up."""
    if current.pages < pages:
        return
    if current.hit_share >= HITS_WANTED:
        progress.done = True
    elif len(progress.passes) >= PASSES_MOST:
        raise OutsideFailure(_why(progress, current), transient=False)


def _why(progress: Progress, current: Pass) -> str:
    if progress.failed:
        count = len(progress.failed)
        return f"{count} pages do not answer 200: {', '.join(progress.failed[:3])}."
    return (
        f"Only {current.hit_share:.0%} of the pages stay in the cache after "
        f"{PASSES_MOST} passes. Check their Cache-Control."
    )


def _rest(began: float, pace_s: float) -> None:
    left = pace_s - (time.monotonic() - began)
    if left > 0:
        time.sleep(left)


def median(values: Sequence[float]) -> float:
    """The middle one; 0 for none."""
    return sorted(values)[len(values) // 2] if values else 0.0
