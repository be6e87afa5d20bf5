"""How long the plan of 100,000 lines takes to show: `planning.lines_page_ms`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.core.management import call_command

from bench import medians, say, stage

if TYPE_CHECKING:
    from django.test import Client

Work = Callable[[], Sequence[float]]

LINES = 100_000
LIMIT = 300
ASKED = {"first": {}, "last": {"page": "2000"}, "filter": {"q": "product 77"}}


def main() -> None:
    """Ask for the first page, the last one and a filtered one, in one server process.

    Client and server share the process: this is the time the server works.
    """
    with stage.database():
        call_command("collectstatic", interactive=False, verbosity=0)
        works = _works()
        found = medians(works, rounds=5)
        slowest = max(found[name][0] for name in ASKED)
        say("planning.lines_page_ms", slowest, "ms", limit=LIMIT, n=LINES)
        for name, (ms,) in found.items():
            say(f"planning.lines_{name}_ms", ms, "ms", n=LINES)


def _works() -> dict[str, Work]:
    from django.test import Client
    from django.urls import reverse

    from bench.planning._campaign import draft, fill

    campaign = draft("WIDE", skus=LINES)
    fill(campaign, LINES)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(campaign.author)
    lines = reverse("campaigns:lines", args=[campaign.code])
    plan = reverse("campaigns:plan", args=[campaign.code])
    works = {name: _timed(client, lines, asked) for name, asked in ASKED.items()}
    return {**works, "plan": _timed(client, plan, {})}


def _timed(
    client: Client, url: str, asked: dict[str, str]
) -> Callable[[], list[float]]:
    headers = {"HX-Request": "true"}

    def work() -> list[float]:
        began = time.perf_counter()
        reply = client.get(url, asked, headers=headers)
        if reply.status_code != 200:
            raise RuntimeError(f"{url} answered {reply.status_code}")
        return [1000 * (time.perf_counter() - began)]

    return work


if __name__ == "__main__":
    main()
