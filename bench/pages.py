"""How long each page of the console takes with the demo data."""

from __future__ import annotations

import statistics
import time

from bench import say
from config.smoke.crawl import addresses
from config.smoke.person import Person
from config.smoke.stage import Stage

ROUNDS = 20


def main() -> None:
    """Crawl as an admin, time every page, print each and the slowest."""
    with Stage(seed="demo") as stage:
        person = Person(stage.web, "admin")
        paths = addresses(person)
        empty = _median_ms(person, "/healthz")
        times = {path: _p95_ms(person, path) for path in paths}
    for path, ms in sorted(times.items(), key=lambda item: -item[1])[:10]:
        say(f"pages.server_ms_p95 {path}", ms, "ms", limit=empty, n=ROUNDS)
    say("pages.server_ms_p95", max(times.values()), "ms", limit=empty, n=len(times))


def _times_ms(person: Person, path: str) -> list[float]:
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        person.get(path)
        found.append((time.perf_counter() - began) * 1000)
    return found


def _p95_ms(person: Person, path: str) -> float:
    person.get(path)
    return statistics.quantiles(_times_ms(person, path), n=20)[-1]


def _median_ms(person: Person, path: str) -> float:
    return statistics.median(_times_ms(person, path))


if __name__ == "__main__":
    main()
