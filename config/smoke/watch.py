"""A screen that listens to the live stream and notes when news arrives."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx2


class Screen(threading.Thread):
    """Reads server-sent events of one campaign until told to stop.

    arrivals: when each frame came (epoch seconds) and how many orders it counted.
    """

    def __init__(self, url: str) -> None:
        """url: the stream's address with its ticket."""
        super().__init__(daemon=True)
        self.url = url
        self.frames: list[dict[str, Any]] = []
        self.arrivals: list[tuple[float, int]] = []
        self.error = ""
        self._ended = threading.Event()

    def run(self) -> None:
        """Read until stopped; a broken stream is opened again, as a browser does."""
        while not self._ended.is_set():
            try:
                self._read()
            except httpx2.HTTPError as error:
                self.error = f"{type(error).__name__}: {error}"
                time.sleep(0.2)

    def stop(self) -> None:
        """Close the screen."""
        self._ended.set()

    def _read(self) -> None:
        with httpx2.stream("GET", self.url, timeout=20, trust_env=False) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if self._ended.is_set():
                    return
                if line.startswith("data:"):
                    self._see(json.loads(line[5:]), time.time())

    def _see(self, frame: dict[str, Any], at: float) -> None:
        self.frames.append(frame)
        self.arrivals.append((at, int(frame.get("orders") or 0)))


def delays_ms(accepted: list[float], arrivals: list[tuple[float, int]]) -> list[float]:
    """How long each order took to the screen.

    accepted: epoch seconds at which orders were accepted, any order.
    arrivals: (epoch seconds, orders counted in the frame), as they came.
    The n-th order is on the screen with the first frame that counts n orders; one that
    never came is left out, so compare lengths.
    """
    found, frame = [], 0
    for number, at in enumerate(sorted(accepted), start=1):
        while frame < len(arrivals) and arrivals[frame][1] < number:
            frame += 1
        if frame < len(arrivals):
            found.append((arrivals[frame][0] - at) * 1000)
    return found


def percentile(values: list[float], share: float) -> float | None:
    """The value below which this share lies; None when there is nothing to tell."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
