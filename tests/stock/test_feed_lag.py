"""How late feeds are: shown, told of, and what it asks of buffers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.shell.health import Awake
from console.stock import health, queries
from console.stock.feed_body import Body
from console.stock.models import FeedMovement
from console.stock.operations.feeds import take_in
from tests import make
from tests.stock.feedkit import NOW, feed, mugs, say, states, told
from tests.stock.lagkit import showed

pytestmark = pytest.mark.django_db
S = timedelta(seconds=1)


def sold(units: int, *, late_s: float, now=NOW) -> None:
    """So many units within a day, each told of so late; all is known up to now."""
    till = feed()
    say(till, told("a", "sold", units, age_s=late_s, now=now), now=now)
    take_in(till, Body([], now), now=now)


def test_a_feed_that_never_spoke_is_not_known_and_never_in_time() -> None:
    feed()
    (one,) = queries.feeds(now=NOW)
    assert (one.lag, one.behind, one.late, one.alarming) == (None, None, None, True)
    (check,) = health.feeds_in_time(NOW)
    assert (check.state, check.note) == (Awake.LATE, "till: never spoke")


def test_silence_ages_and_a_heartbeat_ends_it() -> None:
    till = feed()
    take_in(till, Body([], NOW), now=NOW)
    assert [one.lag for one in queries.feeds(now=NOW + 90 * S)] == [90 * S]
    (check,) = health.feeds_in_time(NOW + 301 * S)
    assert (check.state, check.note) == (Awake.LATE, "till: 301 s late")
    take_in(till, Body([], NOW + 301 * S), now=NOW + 301 * S)
    (check,) = health.feeds_in_time(NOW + 302 * S)
    assert check.state == Awake.OK


def test_the_lag_is_what_95_of_100_movements_of_an_hour_took() -> None:
    mugs(1_000)
    till = feed()
    lines = [told(f"m{n}", "sold", 1, age_s=600 if n < 4 else 20) for n in range(100)]
    say(till, *lines)
    (one,) = queries.feeds(now=NOW)
    assert one.late == 20 * S
    (one,) = queries.feeds(now=NOW + timedelta(hours=1))
    assert one.late is None


@pytest.mark.parametrize("late_s,units", [(60, 18), (300, 67), (5, 4)])
def test_a_delayed_feed_raises_the_suggested_buffer(late_s: int, units: int) -> None:
    """Ten a minute: 60 s ask for 18."""
    showed("1", at=NOW)
    level = mugs(20_000)
    sold(14_400, late_s=late_s)
    told_ = queries.suggestion([level.sku_id], now=NOW)
    assert (told_.per_minute, told_.lag_s) == (Decimal(10), Decimal(late_s))
    assert (told_.lag_of, told_.against_lag) == ("till", units)


def test_the_slowest_of_shops_and_feeds_drives_the_buffer() -> None:
    showed("90", at=NOW)
    level = mugs(20_000)
    sold(14_400, late_s=60)
    told_ = queries.suggestion([level.sku_id], now=NOW)
    assert (told_.lag_s, told_.lag_of) == (Decimal(90), "")


def test_a_silent_feed_of_its_location_leaves_a_sku_without_a_known_lag() -> None:
    showed("1", at=NOW)
    level = mugs(10)
    feed("far", at=make.location("Elsewhere", position=2))
    assert queries.suggestion([level.sku_id], now=NOW).lag_s == Decimal(1)
    feed("here", at=level.location)
    told_ = queries.suggestion([level.sku_id], now=NOW)
    assert (told_.lag_s, told_.lag_of, told_.against_lag) == (None, "here", None)


def test_a_marketplace_asks_for_what_is_enough_999_times_in_1000() -> None:
    level = mugs(20_000)
    market = feed("market", kind="marketplace")
    say(market, told("a", "sold", 2 * 1_440, age_s=60))
    take_in(market, Body([], NOW), now=NOW)
    assert queries.suggestion([level.sku_id], now=NOW).against_lag == 8


def test_where_far_more_may_be_gone_than_there_is_all_is_held_back() -> None:
    level = mugs(20_000)
    sold(14_400, late_s=1)
    long = NOW + timedelta(hours=23)
    assert queries.suggestion([level.sku_id], now=long).against_lag == 5_600


def test_a_sale_that_a_later_count_knows_still_counts_among_those_sold() -> None:
    """Told of late, it was in the count before: a late feed must not look quieter."""
    level = mugs(200)
    till = feed()
    say(till, told("a", "sold", 100, age_s=900))
    say(till, told("c", "counted", 90, age_s=60))
    say(till, told("late", "sold", 20, age_s=600), told("much", "sold", 500))
    assert states() | {"a": ""} == {
        "a": "", "c": "applied", "late": "covered", "much": "short",
    }  # fmt: skip
    sold_ = queries.suggestion([level.sku_id], now=NOW).per_minute
    assert sold_ == Decimal(620) / Decimal(1_440)


def test_what_feeds_count_wrongly_tells_how_exact_counts_are() -> None:
    level = mugs(1_005)
    till = feed()
    for age_s, units in ((80, 1_000), (70, 995), (60, 1_000)):
        say(till, told(f"c{age_s}", "counted", units, age_s=age_s))
    say(till, told("s", "sold", 1))
    told_ = queries.suggestion([level.sku_id], now=NOW)
    assert told_.accuracy == 1 - Decimal(15) / (3 * 999)


def test_held_movements_are_told_by_the_doctor() -> None:
    mugs(1)
    till = feed()
    say(till, told("a", "sold", 3))
    assert FeedMovement.objects.get().state == "short"
    (check,) = health.feeds_in_time(NOW)
    assert check.note == "till: 1 movement to look at"
