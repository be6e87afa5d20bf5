"""Caps on announcements: messages in a window, and hours between two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from console.fatigue.rules import (
    FREE,
    Channel,
    Counts,
    Judge,
    Limits,
    Message,
    Panel,
    Sale,
)
from tests.examples import examples

T = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EMAIL, PUSH = Channel.EMAIL, Channel.PUSH
Told = list[tuple[Message, str]]


def told(*hours: float, channel: Channel = EMAIL) -> Told:
    return [
        (Message(T + hour * HOUR, channel), f"FS-{n}") for n, hour in enumerate(hours)
    ]


def panel(
    limits: Limits, others: Told, at: datetime, *before: float, channel: Channel = EMAIL
) -> Panel:
    """A sale at `at`, announced so many hours before it."""
    own = tuple(Message(at - hours * HOUR, channel) for hours in before)
    sale = Sale("NEW", "New", at, at + 2 * HOUR, 0.3, messages=own)
    return Panel([Judge(limits, others=[], sale=sale, messages=others)])


def test_two_messages_in_seven_days_are_enough() -> None:
    limits = replace(FREE, max_messages=2, message_days=7, zone="UTC")
    found = panel(limits, told(0, 24), T + 2 * DAY, 1).verdict(T + 2 * DAY)
    assert found.reasons[0].text == (
        "3 messages in 7 days (calendar days in UTC; at most 2), "
        "with those of FS-0, FS-1"
    )
    assert found.earliest == datetime(2026, 11, 9, 1, tzinfo=UTC)


def test_rolling_days_count_to_the_instant() -> None:
    limits = replace(
        FREE, max_messages=1, message_days=7, message_counts=Counts.ROLLING
    )
    found = panel(limits, told(0), T + DAY, 0)
    assert not found.passes(T + 7 * DAY - timedelta(microseconds=1))
    assert found.passes(T + 7 * DAY)
    assert found.earliest(T + DAY) == T + 7 * DAY


def test_more_messages_of_its_own_than_allowed_help_on_no_date() -> None:
    limits = replace(FREE, max_messages=1, message_days=7)
    assert panel(limits, [], T, 1, 48).earliest(T) is None


def test_emails_keep_sixteen_hours_and_pushes_a_day() -> None:
    limits = replace(FREE, email_gap_h=16, push_gap_h=24)
    mail = panel(limits, told(0), T + 10 * HOUR, 0)
    assert mail.earliest(T + 10 * HOUR) == T + 16 * HOUR
    push = panel(limits, told(0, channel=PUSH), T + 10 * HOUR, 0, channel=PUSH)
    assert push.earliest(T + 10 * HOUR) == T + 24 * HOUR
    assert panel(limits, told(0), T + HOUR, 0, channel=PUSH).passes(T + HOUR)


def test_a_message_too_close_says_which_and_how_far() -> None:
    limits = replace(FREE, email_gap_h=16)
    reason = panel(limits, told(0), T + 10 * HOUR, 0).reasons(T + 10 * HOUR)[0]
    assert reason.text == (
        "Its e-mail and one of FS-0 lie 10.0 h apart; "
        "16 h must lie between, rolling hours"
    )
    assert reason.causes == ("FS-0",)


def test_two_of_its_own_that_are_too_close_help_on_no_date() -> None:
    limits = replace(FREE, email_gap_h=16)
    found = panel(limits, [], T, 1, 11)
    assert found.earliest(T) is None
    assert found.reasons(T)[0].text == (
        "Two of its own, by e-mail, lie 10.0 h apart; "
        "16 h must lie between, rolling hours"
    )
    assert panel(limits, [], T, 1, 17).passes(T)
    assert panel(limits, [], T, 1, 11, channel=PUSH).passes(T)


def allowed(limits: Limits, others: Told, own: list[datetime]) -> bool:
    """Straight from the sentences, by looking at every window of one of ours."""
    every = [message.at for message, _ in others] + own
    if limits.message_counts is Counts.CALENDAR:
        places: list[float] = [at.toordinal() for at in every]
        span: float = limits.message_days
    else:
        places = [at.timestamp() for at in every]
        span = limits.message_days * 86_400
    mine = places[len(others) :]
    for first in places:
        inside = [p for p in places if first <= p < first + span]
        if any(p in mine for p in inside) and len(inside) > limits.max_messages:
            return False
    gaps = [abs(at - other.at) for at in own for other, _ in others]
    gaps += [abs(a - b) for a, b in combinations(own, 2)]
    return all(gap >= limits.email_gap_h * HOUR for gap in gaps)


@examples(300)
@given(
    st.lists(st.integers(0, 24 * 20), max_size=7),
    st.lists(st.integers(0, 60), max_size=3),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([1, 3, 7]),
    st.sampled_from(Counts),
    st.sampled_from([0, 16]),
    st.integers(0, 24 * 20),
)
def test_the_earliest_date_keeps_every_cap_and_none_before_does(
    others: list[int],
    before: list[int],
    most: int,
    days: int,
    counts: Counts,
    gap: int,
    hour: int,
) -> None:
    limits = replace(
        FREE,
        max_messages=most,
        message_days=days,
        message_counts=counts,
        email_gap_h=gap,
        zone="UTC",
    )
    at = T + hour * HOUR
    found = panel(limits, told(*others), at, *before)
    earliest = found.earliest(at)

    def keeps(opening: datetime) -> bool:
        own = [opening - hours * HOUR for hours in before]
        return not own or allowed(limits, told(*others), own)

    for hours in range(24 * 32):
        opening = at + hours * HOUR
        if earliest is not None and opening >= earliest:
            break
        assert not keeps(opening)
    if earliest is not None:
        assert keeps(earliest)
