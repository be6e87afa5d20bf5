"""Rules on announcements: how many messages people get, and how close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from console.fatigue.rules.book import Whole
from console.fatigue.rules.days import Days
from console.fatigue.rules.limits import Limits
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.score import HOUR, Channel, Message, Sale, micro

Messages = Sequence[tuple[Message, str]]
"""Announcements with the code of the sale each is for, in any order."""


class MessageCap:
    """Messages to one audience in any window of so many days."""

    def __init__(self, limits: Limits, others: Messages, sale: Sale) -> None:
        """others: what the audience was or will be told of other sales."""
        self._most, self._window = limits.max_messages, limits.message_days
        self._days = Days(limits.message_counts, limits.zone)
        self._span = self._window * self._days.unit
        told = sorted(others)
        self._codes = [code for _, code in told]
        self._sent = _instants([message for message, _ in told])
        self._places = self._days.positions(self._sent)
        self._offsets = _offsets(sale)

    def clear(self, at: int) -> int | None:
        """The next instant at which fewer messages may share a window.

        That is when one of ours is a window later than one of another sale, or falls on
        the next day; between such instants the count can only grow.
        """
        if not self._most or self._count(at)[0] <= self._most:
            return at
        ahead = [now for now in (at, *self._turns(at)) if self._alone(now)]
        if not ahead:
            return None
        leaves = [
            self._days.start(int(place) + self._span) - offset
            for place in self._places
            for offset in self._offsets
        ]
        return min((t for t in (*leaves, *self._turns(at)) if t > at), default=None)

    def _turns(self, at: int) -> list[int]:
        """When each of ours would fall on the next day, where days are counted."""
        if not self._days.calendar:
            return []
        days = (self._days.position(at + offset) + 1 for offset in self._offsets)
        return [
            self._days.start(day) - offset
            for day, offset in zip(days, self._offsets, strict=True)
        ]

    def _alone(self, at: int) -> bool:
        """True if our own messages keep the cap at this opening."""
        own = self._days.positions(np.array(self._offsets, dtype=np.int64) + at)
        return self._fullest(np.sort(own), own)[0] <= self._most

    def _count(self, at: int) -> tuple[int, int]:
        """Messages of the fullest window around one of ours, and where it begins."""
        own = self._days.positions(np.array(self._offsets, dtype=np.int64) + at)
        if not len(own):
            return 0, 0
        near = (self._places > own.min() - self._span) & (
            self._places < own.max() + self._span
        )
        every = np.sort(np.concatenate([own, self._places[near]]))
        return self._fullest(every, own)

    def _fullest(self, places: Whole, own: Whole) -> tuple[int, int]:
        """The fullest window that holds one of ours: its count, and where it begins."""
        ours, over = np.sort(own), places + self._span
        counts = np.searchsorted(places, over) - np.searchsorted(places, places)
        held = np.searchsorted(ours, over) > np.searchsorted(ours, places)
        counts = np.where(held, counts, 0)
        best = int(np.argmax(counts))
        return int(counts[best]), int(places[best])

    def reason(self, at: int) -> Reason | None:
        """How many messages the fullest window would hold."""
        if not self._most or not self._offsets:
            return None
        count, first = self._count(at)
        inside = (self._places >= first) & (self._places < first + self._span)
        codes = dict.fromkeys(
            code for code, is_in in zip(self._codes, inside, strict=True) if is_in
        )
        text, tone = f"Messages in {self._window} days", Tone.OK
        if count > self._most:
            tone = Tone.BLOCK
            text = f"{count} messages in {self._window} days ({self._days.words}; "
            text += f"at most {self._most})"
            text += f", with those of {', '.join(codes)}" if codes else ""
        return Reason(
            Rule.MESSAGES,
            tone,
            text,
            str(count),
            str(self._most),
            tuple(codes),
            self._days.words,
        )


@dataclass(frozen=True)
class _Near:
    """Two messages that are too close: of ours, of another sale, and when it ends."""

    channel: Channel
    hours: float
    need: int
    code: str
    over: int


class MessageGap:
    """Hours between two messages of one channel: e-mail, and push with SMS."""

    def __init__(self, limits: Limits, others: Messages, sale: Sale) -> None:
        """others: what the audience was or will be told of other sales."""
        needs = {Channel.EMAIL: limits.email_gap_h, Channel.PUSH: limits.push_gap_h}
        self._needs = {channel: need for channel, need in needs.items() if need}
        self._others = sorted(others)
        self._own = [
            (message.channel, micro(message.at) - micro(sale.opens_at))
            for message in sale.messages
        ]

    def _near(self, at: int) -> list[_Near]:
        found = []
        for channel, offset in self._own:
            need = self._needs.get(channel, 0)
            for other, code in self._others:
                apart = abs(at + offset - micro(other.at))
                if other.channel is channel and apart < need * HOUR:
                    over = micro(other.at) + need * HOUR - offset
                    found.append(_Near(channel, apart / HOUR, need, code, over))
        return found

    def _among(self) -> tuple[float, int, Channel] | None:
        """The closest two of its own of one channel, where that is too close."""
        found = []
        for channel, need in self._needs.items():
            sent = sorted(offset for medium, offset in self._own if medium is channel)
            gaps = [(b - a) / HOUR for a, b in pairwise(sent)]
            found += [(gap, need, channel) for gap in gaps if gap < need]
        return min(found, default=None, key=lambda one: one[0])

    def clear(self, at: int) -> int | None:
        """When the last message that is too close is far enough away.

        None if two of its own are too close: they move with every opening.
        """
        if self._among():
            return None
        return max((near.over for near in self._near(at)), default=at)

    def reason(self, at: int) -> Reason | None:
        """Nothing, unless two messages are too close."""
        if own := self._among():
            hours, need, channel = own
            return _too_close(f"Two of its own, by {_WORD[channel]}, lie", hours, need)
        near = self._near(at)
        if not near:
            return None
        worst = min(near, key=lambda one: one.hours)
        said = f"Its {_WORD[worst.channel]} and one of {worst.code} lie"
        return _too_close(said, worst.hours, worst.need, worst.code)


_WORD = {Channel.EMAIL: "e-mail", Channel.PUSH: "push or SMS"}


def _too_close(said: str, hours: float, need: int, *codes: str) -> Reason:
    text = f"{said} {hours:.1f} h apart; {need} h must lie between, rolling hours"
    return Reason(
        Rule.MESSAGE_GAP,
        Tone.BLOCK,
        text,
        f"{hours:.1f} h",
        f"{need} h",
        codes,
        "rolling hours",
    )


def _instants(messages: Sequence[Message]) -> Whole:
    return np.array([micro(message.at) for message in messages], dtype=np.int64)


def _offsets(sale: Sale) -> list[int]:
    return [micro(message.at) - micro(sale.opens_at) for message in sale.messages]
