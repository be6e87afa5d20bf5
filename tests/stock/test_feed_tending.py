"""How late feeds are is kept for who looks often; what is old is forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from console.audit.models import Entry
from console.stock import operations as stock
from console.stock import queries
from console.stock.feed_body import Body, Unread, read
from console.stock.models import Feed, FeedMovement, Location
from console.stock.operations.feeds import take_in
from console.stock.tasks import tend_feeds
from tests import make
from tests.stock.feedkit import NOW, feed, line, mugs, on_hand, say, states, told

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def prune(days: int) -> int:
    return stock.prune_movements(now=NOW + days * DAY, go_on=lambda: True)


def test_who_looks_often_sees_late_movements_behind_fresh_heartbeats() -> None:
    mugs(100)
    till = feed()
    say(till, told("a", "sold", 1, age_s=1_200))
    take_in(till, Body([], NOW), now=NOW)
    stock.measure_feeds(now=NOW)
    (one,) = queries.feeds(now=NOW, brief=True)
    assert (one.behind, one.lag, one.alarming) == (0 * DAY, 20 * MINUTE, True)
    later = NOW + timedelta(hours=2)
    stock.measure_feeds(now=later)
    assert Feed.objects.get().late is None


def test_what_is_settled_and_old_is_forgotten_and_never_booked_again() -> None:
    mugs(100)
    till, one = feed(), told("a", "sold", 3)
    say(till, one, told("c", "counted", 50))
    assert prune(31) == 0
    assert prune(33) == 2
    assert not FeedMovement.objects.exists()
    (again,) = queries.feeds(now=NOW)
    assert again.waiting == 0


def test_what_was_forgotten_is_refused_when_it_is_sent_again() -> None:
    mugs(100)
    till = feed()
    sent = json.dumps({"movements": [line("a", "sold", 3, at=NOW.isoformat())]})

    def send(days: int) -> str:
        when = NOW + days * DAY
        (answer,) = take_in(till, read(sent.encode(), now=when), now=when)
        return answer.code or answer.result

    assert (send(0), send(30), prune(32), send(30)) == (
        "accepted", "duplicate", 0, "duplicate",
    )  # fmt: skip
    assert (prune(33), send(33), on_hand()) == (1, "bad_time", 97)


def test_what_is_open_or_parked_stays_with_all_that_came_after_it() -> None:
    """A sale that fits at last asks which counts came after it."""
    mugs(10)
    till = feed()
    say(till, told("much", "sold", 30, age_s=60))
    say(till, told("before", "received", 1, age_s=90))
    say(till, told("after", "received", 1, age_s=30))
    assert prune(33) == 1
    assert states() == {"much": "short", "after": "applied"}
    row = FeedMovement.objects.get(external_id="much")
    why = {"reason": "Typo", "actor": make.user("operator"), "now": NOW}
    stock.discard_movements("till", [row.pk], **why)
    assert prune(33) == 2


def test_pruning_goes_on_no_longer_than_it_may() -> None:
    mugs(10)
    say(feed(), told("a", "sold", 1))
    late = NOW + 33 * DAY
    assert stock.prune_movements(now=late, go_on=lambda: False) == 0


def test_the_bell_measures_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    mugs(10)
    say(feed(), told("a", "sold", 1, age_s=60))
    monkeypatch.setattr("console.stock.clock.now", lambda: NOW)
    tend_feeds()
    assert Feed.objects.get().late == MINUTE
    monkeypatch.setattr("console.stock.clock.now", lambda: NOW + 33 * DAY)
    tend_feeds()
    assert not FeedMovement.objects.exists()


def test_a_location_that_is_renamed_makes_no_movement_another() -> None:
    mugs(10)
    shop = make.location("Shop", position=1)
    till, one = feed(at=shop), told("a", "received", 3, at="")
    say(till, one)
    Location.objects.filter(pk=shop.pk).update(name="Corner shop")
    renamed = Feed.objects.select_related("location").get()
    (again,) = say(renamed, one)
    assert (again.result, on_hand(at="Corner shop")) == ("duplicate", 3)


def test_what_was_refused_is_found_at_the_place_of_its_feed() -> None:
    till = feed(at=make.location("Shop"))
    say(till, told("a", "received", 3, at=""))
    make.sku("MUG")
    row = FeedMovement.objects.get()
    assert row.state == "refused"
    found = stock.retry_movements("till", [row.pk], actor=None, now=NOW)
    assert (found.settled, on_hand(at="Shop")) == (1, 3)


def test_the_trail_names_every_movement_that_was_discarded() -> None:
    mugs(1)
    clerk = make.user("operator")
    say(feed(), *(told(f"m{n:02}", "sold", 9) for n in range(60)))
    ids = list(FeedMovement.objects.values_list("pk", flat=True))
    why = {"reason": "Test sales", "actor": clerk, "now": NOW}
    assert stock.discard_movements("till", ids, **why) == 60
    after = Entry.objects.get(verb="stock.discard_movements").after
    assert (after["count"], len(set(after["movements"]))) == (60, 60)
    decided = FeedMovement.objects.values_list("decided_by", "decided_at").distinct()
    assert list(decided) == [(clerk.pk, NOW)]


def test_what_a_fence_parks_when_it_is_tried_again_is_not_called_settled() -> None:
    till = feed()
    say(till, told("r", "received", 5))
    level = mugs(10)
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 4, 0)], actor=None, now=NOW)
    stock.raise_fence("FS-1", actor=None, now=NOW)
    row = FeedMovement.objects.get()
    found = stock.retry_movements("till", [row.pk], actor=None, now=NOW)
    assert (found.settled, found.parked, found.left) == (0, 1, 0)
    assert (states(), on_hand()) == ({"r": "parked"}, 10)


def test_what_is_open_is_counted_by_an_index_whatever_the_table_holds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select feed_id, count(*) from stock_feedmovement where state"
            " in ('parked', 'refused', 'short', 'waiting') group by feed_id"
        )
        plan = "\n".join(text for (text,) in cursor.fetchall())
    assert "feed_movement_open" in plan


def test_a_message_with_what_cannot_be_kept_leaves_the_watermark() -> None:
    mugs(10)
    till = feed()
    take_in(till, Body([], NOW - MINUTE), now=NOW)
    bad = Unread("x", "bad_movement", "units: only a count may find none.")
    take_in(till, Body([told("a", "sold", 1), bad], NOW), now=NOW)
    (one,) = queries.feeds(now=NOW)
    assert (one.feed.watermark, one.behind) == (NOW - MINUTE, MINUTE)
    assert (one.feed.unkept, one.feed.unkept_at, on_hand()) == (1, NOW, 9)
    take_in(till, Body([], NOW), now=NOW)
    assert queries.feeds(now=NOW)[0].behind == 0 * MINUTE
