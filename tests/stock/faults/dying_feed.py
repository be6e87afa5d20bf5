"""A process that takes in or replays movements and is killed before statement k.

`python -m tests.stock.faults.dying_feed SECONDS take_in|replay`, asked as `dying`.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import django

from tests.stock.faults.dying import die_before, main


def take_in(number: int, now: datetime) -> None:
    """Tell of three movements; die on the way."""
    from console.stock.feed_body import Body
    from console.stock.models import Feed
    from console.stock.operations import feeds
    from tests.stock.feedkit import told

    sent = [
        told("s", "sold", 3, age_s=10, now=now),
        told("c", "counted", 90, age_s=60, now=now),
        told("g", "received", 5, age_s=5, now=now),
    ]
    die_before(number)
    feeds.take_in(Feed.objects.get(), Body(sent, now), now=now)


def replay(number: int, now: datetime) -> None:
    """Book what is due; die on the way."""
    from console.stock import operations as stock

    die_before(number)
    stock.book_due(now=now)


if __name__ == "__main__":
    django.setup()
    acts = {"take_in": take_in, "replay": replay}
    main(datetime.fromtimestamp(float(sys.argv[1]), UTC), acts[sys.argv[2]])
