"""What feeds tell: each movement once, in any order, and none is lost."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given
from hypothesis import strategies as some
from pytest_django import DjangoAssertNumQueries, Settings

from console.errors import Refusal
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.feed_body import Body
from console.stock.models import Feed, FeedMovement, Level, Movement
from console.stock.operations import LevelSize, feeds
from console.stock.operations.feeds import take_in
from console.stock.operations.held import Retried
from console.stock.tasks import feeds as bell
from tests import make
from tests.campaigns.scopekit import limited
from tests.examples import examples
from tests.stock.feedkit import NOW, SECRET, feed, mugs, on_hand, say, states, told

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}
MINUTE = timedelta(minutes=1)


def test_each_kind_moves_what_is_on_hand_with_an_entry() -> None:
    mugs(100)
    till = feed()
    answers = say(
        till,
        told("a", "sold", 3),
        told("b", "returned", 1),
        told("c", "received", 10),
        told("d", "sent", 4),
    )
    assert [(one.result, one.state) for one in answers] == [("accepted", "applied")] * 4
    assert on_hand() == 104
    reasons = Movement.objects.filter(reason__startswith="feed")
    assert set(reasons.values_list("reason", "units", "source", "target")) == {
        ("feed till: sold a", 3, "free", "outside"),
        ("feed till: returned b", 1, "outside", "free"),
        ("feed till: received c", 10, "outside", "free"),
        ("feed till: sent d", 4, "free", "outside"),
    }
    assert queries.violations() == []


def test_the_same_movement_twice_counts_once_and_other_content_is_refused() -> None:
    mugs(100)
    till, one = feed(), told("a", "sold", 3)
    first, second = say(till, one, one)
    assert (first.result, second.result) == ("accepted", "duplicate")
    (again,) = say(till, one, now=NOW + MINUTE)
    assert (again.result, again.state) == ("duplicate", "applied")
    (other,) = say(till, told("a", "sold", 4))
    assert (other.result, other.code) == ("refused", "other_content")
    assert on_hand() == 97


def test_two_feeds_may_use_the_same_name_of_a_movement() -> None:
    mugs(100)
    say(feed("till-1"), told("a", "sold", 3))
    say(feed("till-2"), told("a", "sold", 3))
    assert on_hand() == 94


KINDS = some.sampled_from(["sold", "sent", "returned", "received", "counted"])
EVENTS = some.lists(
    some.tuples(KINDS, some.integers(1, 30), some.integers(0, 50)),
    min_size=1,
    max_size=8,
)


def expected(events: list[tuple[str, int, int]], base: int) -> int:
    """What is on hand if all is known: the newest count, and what came after it."""
    there, since = base, None
    counts = [(at, -n) for n, (kind, _, at) in enumerate(events) if kind == "counted"]
    if counts:
        # of one instant the greatest name counts: names fall with their number
        at, number = min(counts)
        since, there = at, events[-number][1] + 1_000
    for kind, units, at in events:
        if kind != "counted" and (since is None or at < since):
            there += units if kind in ("returned", "received") else -units
    return there


@examples(60, [HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=some.data())
def test_any_order_and_any_repetition_ends_with_the_same_on_hand(
    events: list[tuple[str, int, int]], data: some.DataObject
) -> None:
    """Ages are in minutes: the higher, the longer ago."""
    sku = make.sku()
    make.level(sku, units=1_000, at=make.location("Main"))
    till = Feed.objects.filter(name="till").first() or feed()
    lines = [
        told(
            f"{sku.code}/{n:02}", kind, units + 1_000 * (kind == "counted"),
            age_s=60 * at, sku=sku.code,
        )
        for n, (kind, units, at) in enumerate(events)
    ]  # fmt: skip
    order = data.draw(some.permutations(range(len(lines))))
    again = data.draw(some.lists(some.sampled_from(order), max_size=4))
    for number in [*order, *again]:
        say(till, lines[number])
    assert on_hand(sku.code) == expected(events, 1_000)
    assert queries.violations() == []


def test_a_count_holds_for_its_instant() -> None:
    """Sold before it is in it, sold after it is not; a person's count is one too."""
    level = mugs(100)
    till = feed()
    say(till, told("late", "sold", 5, age_s=10))
    say(till, told("count", "counted", 80, age_s=60))
    assert on_hand() == 75
    say(till, told("before", "sold", 7, age_s=90), told("old", "counted", 3, age_s=99))
    assert on_hand() == 75
    assert states() == {
        "late": "applied", "count": "applied", "before": "covered", "old": "covered",
    }  # fmt: skip
    assert FeedMovement.objects.get(external_id="count").expected == 100
    level.refresh_from_db()
    stock.adjust(
        level.pk, size=LevelSize(70, 0, 0), version=level.version,
        reason="count: shelf 3", **WHO,
    )  # fmt: skip
    say(till, told("more", "sold", 2, age_s=5), now=NOW)
    assert (on_hand(), states()["more"]) == (70, "covered")


def test_what_would_take_promised_units_is_kept_and_booked_once_it_fits() -> None:
    mug = make.sku("MUG")
    make.level(mug, units=10, at=make.location("Main"))
    stock.lock("FS-1", wants=[make.Want(mug.pk, 8, 0)], **WHO)
    till = feed()
    (short,) = say(till, told("a", "sold", 3))
    assert (short.result, short.state) == ("accepted", "short")
    assert "8 are promised" in short.message
    assert on_hand() == 10
    say(till, told("b", "received", 1), now=NOW + MINUTE)
    assert (on_hand(), states()) == (8, {"a": "applied", "b": "applied"})
    assert queries.violations() == []


def test_a_count_that_does_not_fit_takes_no_older_one_with_it() -> None:
    mug = make.sku("MUG")
    make.level(mug, units=10, at=make.location("Main"))
    stock.lock("FS-1", wants=[make.Want(mug.pk, 8, 0)], **WHO)
    till = feed()
    say(till, told("old", "counted", 9, age_s=60), told("typo", "counted", 1))
    assert (on_hand(), states()) == (10, {"old": "short", "typo": "short"})
    typo = FeedMovement.objects.get(external_id="typo")
    clerk = make.user("operator")
    stock.discard_movements("till", [typo.pk], reason="Typo", actor=clerk, now=NOW)
    assert stock.book_due(now=NOW + 2 * MINUTE) == 1
    assert (on_hand(), states()["old"]) == (9, "applied")


def test_what_does_not_fit_is_tried_again_by_itself() -> None:
    level = mugs(2)
    say(feed(), told("a", "sold", 3))
    Level.objects.filter(pk=level.pk).update(on_hand=5)
    assert stock.book_due(now=NOW + timedelta(seconds=59)) == 0
    assert stock.book_due(now=NOW + timedelta(seconds=61)) == 1
    assert (on_hand(), states()) == (2, {"a": "applied"})


def test_what_names_nothing_we_know_is_kept_until_it_does() -> None:
    till = feed()
    sent = told("a", "received", 3), told("b", "received", 1, at="Attic")
    answers = say(till, *sent)
    assert [one.code for one in answers] == ["unknown_sku", "unknown_sku"]
    make.sku("MUG")
    make.location("Main")
    answers = say(till, *sent)
    assert [(x.result, x.code) for x in answers] == [
        ("accepted", ""), ("refused", "unknown_sku"),
    ]  # fmt: skip
    assert on_hand() == 3
    make.location("Attic")
    held = FeedMovement.objects.get(external_id="b")
    assert stock.retry_movements("till", [held.pk], **WHO) == Retried(1, 0, 0)
    assert on_hand(at="Attic") == 1


def test_a_feed_of_one_place_tells_of_no_other() -> None:
    mugs(10)
    till = feed(at=make.location("Shop", position=1))
    own, other = say(
        till, told("a", "received", 3, at=""), told("b", "received", 1, at="Main")
    )
    assert (own.result, other.code) == ("accepted", "other_location")
    assert (on_hand(at="Shop"), on_hand()) == (3, 10)


def test_what_is_discarded_stays_with_its_reason_and_is_never_booked() -> None:
    mugs(1)
    say(feed(), told("a", "sold", 3))
    row = FeedMovement.objects.get()
    clerk = make.user("operator")
    with pytest.raises(Refusal, match="Say why"):
        stock.discard_movements("till", [row.pk], reason=" ", actor=clerk, now=NOW)
    told_ = {"reason": "Test sale", "actor": clerk, "now": NOW}
    assert stock.discard_movements("till", [row.pk], **told_) == 1
    row.refresh_from_db()
    assert (row.state, row.reason, row.decided_by) == ("discarded", "Test sale", clerk)
    with pytest.raises(Refusal, match="waits for a decision"):
        stock.retry_movements("till", [row.pk], **WHO)
    assert stock.book_due(now=NOW + 5 * MINUTE) == 0
    assert on_hand() == 1


def test_who_is_limited_to_other_categories_decides_nothing() -> None:
    make.level(make.sku("MUG", category="Mugs"), units=1, at=make.location("Main"))
    say(feed(), told("a", "sold", 3))
    row = FeedMovement.objects.get()
    boots = limited("operator", categories=["Boots"])
    with pytest.raises(OutOfScope):
        stock.retry_movements("till", [row.pk], actor=boots, now=NOW)
    with pytest.raises(OutOfScope):
        stock.discard_movements("till", [row.pk], reason="x", actor=boots, now=NOW)


@pytest.mark.parametrize("count", [1, 40])
def test_a_message_takes_the_same_queries_for_any_number_of_movements(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make.level(make.sku(f"S{number}"), units=9, at=make.location("Main"))
    till = feed()
    lines = [
        told(f"m{n}", kind, 5, sku=f"S{n}")
        for n in range(count)
        for kind in [("sold", "counted")[n % 2]]
    ]
    with django_assert_num_queries(26 if count > 1 else 25):
        take_in(till, Body(lines, NOW), now=NOW)
    assert set(states().values()) == {"applied"}


def test_the_watermark_only_grows_and_is_never_ahead_of_us() -> None:
    till = feed()
    take_in(till, Body([], NOW - MINUTE), now=NOW)
    take_in(till, Body([], NOW - 5 * MINUTE), now=NOW)
    till.refresh_from_db()
    assert (till.watermark, till.last_at) == (NOW - MINUTE, NOW)
    take_in(till, Body([], NOW + MINUTE), now=NOW)
    till.refresh_from_db()
    assert till.watermark == NOW


def test_a_secret_is_sealed_never_told_and_may_be_kept() -> None:
    till = feed()
    stock.change_feed("till", stock.FeedTerms(till.kind), **WHO)
    till.refresh_from_db()
    assert till.secret == SECRET
    kept = Feed.objects.values_list("secret", flat=True).get()
    assert SECRET not in str(kept) and str(kept).startswith("v1.")
    with pytest.raises(Refusal, match="called till already"):
        feed()


def test_a_new_key_seals_the_secrets_of_feeds_too(settings: Settings) -> None:
    old, new = b"o" * 32, b"n" * 32
    settings.SECRET_KEYS_AT_REST = [old]
    feed()
    settings.SECRET_KEYS_AT_REST = [new, old]
    call_command("reseal", stdout=StringIO())
    settings.SECRET_KEYS_AT_REST = [new]
    assert Feed.objects.get().secret == SECRET


def test_the_bell_books_what_nobody_booked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who took it in died between keeping and booking."""
    mugs(10)
    one = told("a", "sold", 3)
    feeds._keep(feed(), Body([one]), [one], NOW)
    assert (states(), on_hand()) == ({"a": "waiting"}, 10)
    monkeypatch.setattr("console.stock.clock.now", lambda: NOW + MINUTE)
    bell()
    assert (states(), on_hand()) == ({"a": "applied"}, 7)
    assert queries.violations() == []
