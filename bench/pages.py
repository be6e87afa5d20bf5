"""How long the server takes for each page and panel of the console, with demo data."""

from __future__ import annotations

import statistics
import time

from bench import say
from config.smoke.crawl import addresses
from config.smoke.person import Person
from config.smoke.stage import Stage

ROUNDS = 40
SLOWEST = 12


def main() -> None:
    """Crawl as an admin, time everything, print the slowest and the slowest of all.

    One of each kind of page; the whole stack runs beside, with a sale about to open.
    """
    with Stage(seed="demo") as stage:
        person = Person(stage.web, "admin")
        paths = addresses(person, each=1)
        empty = statistics.median(_times_ms(person, "/healthz"))
        times = {path: _times_ms(person, path) for path in paths}
    p95s = {path: statistics.quantiles(ms, n=20)[-1] for path, ms in times.items()}
    for path in sorted(p95s, key=p95s.__getitem__, reverse=True)[:SLOWEST]:
        _say(f"pages.server_ms_p95 {path}", p95s[path], empty, ROUNDS)
    medians = [statistics.median(ms) for ms in times.values()]
    _say("pages.server_ms_median", max(medians), empty, len(paths))
    _say("pages.server_ms_p95", max(p95s.values()), empty, len(paths))


def _say(name: str, ms: float, empty: float, count: int) -> None:
    say(name, ms, "ms", limit=empty, n=count)


def _times_ms(person: Person, path: str) -> list[float]:
    """One warm-up, then so many rounds; the client's share is in it."""
    headers = person.asked_by(path)
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        person.client.get(path, headers=headers).raise_for_status()
        found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    main()
