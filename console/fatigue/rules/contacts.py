"""How many of an audience may be told on a day: masks of days, popcounts, caps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from console.fatigue.rules.limits import Limits
from console.fatigue.rules.score import Channel

DAYS = 64
"""Days a mask remembers."""
CHUNK = 1 << 15
"""Customers looked at together: their masks and what is worked out fit a cache."""
FULL = (1 << DAYS) - 1
Masks = NDArray[np.uint64]


@dataclass(frozen=True)
class Ask:
    """May a customer be told something by this channel on this day?

    day: days since 1970. most: messages in `days` days that end with this one, the new
    one included; 0 for any number. gap: days, this one included, in which the channel
    must have been silent; 0 for none.
    """

    day: int
    channel: Channel
    most: int = 0
    days: int = 1
    gap: int = 0

    @property
    def free(self) -> bool:
        """True if no cap asks anything."""
        return not (self.most or self.gap)


def ask(limits: Limits, channel: Channel, day: int) -> Ask:
    """What the caps of a policy ask of a message.

    A history knows days, not hours: 16 hours between are no other message that day, 30
    hours none on that day and the one before.
    """
    hours = limits.email_gap_h if channel is Channel.EMAIL else limits.push_gap_h
    gap = math.ceil(hours / 24)
    return Ask(day, channel, limits.max_messages, limits.message_days, gap)


def window(day: int, days: int, anchor: int) -> int:
    """The bits of so many days that end with a day; bit n is n days before the anchor.

    Days after the anchor have no bits: nothing is known of them.
    """
    ages = anchor - day
    bits = (1 << days) - 1
    return (bits << ages if ages >= 0 else bits >> -ages) & FULL


def remembered(one: Ask, anchor: int) -> bool:
    """True if every day that the caps look at is still in the masks."""
    return anchor - one.day + max(one.days if one.most else 0, one.gap) <= DAYS


def count(
    email: Masks,
    push: Masks,
    one: Ask,
    *,
    anchor: int,
    common: tuple[int, int] = (0, 0),
) -> int:
    """How many customers may be told.

    email, push: a mask for each customer. common: masks of what everybody was sent.
    """
    if one.free:
        return len(email)
    counts = np.uint64(window(one.day, one.days, anchor) if one.most else 0)
    near = np.uint64(window(one.day, one.gap, anchor))
    own = 0 if one.channel is Channel.EMAIL else 1
    size = min(CHUNK, len(email))
    kept, bits = np.empty(size, np.uint64), np.empty((2, size), np.uint8)
    total = 0
    for start in range(0, len(email), CHUNK):
        masks = [column[start : start + CHUNK] for column in (email, push)]
        here = len(masks[0])
        if any(common):
            pairs = zip(masks, common, strict=True)
            masks = [mask | np.uint64(sent) for mask, sent in pairs]
        ok = np.bitwise_and(masks[own], near, out=kept[:here]) == 0
        if one.most:
            for mask, told in zip(masks, bits, strict=True):
                np.bitwise_and(mask, counts, out=kept[:here])
                np.bitwise_count(kept[:here], out=told[:here])
            bits[0, :here] += bits[1, :here]
            ok &= bits[0, :here] < one.most
        total += int(np.count_nonzero(ok))
    return total


def first_day(
    counted: Callable[[Ask], int], one: Ask, *, need: int, quiet_from: int
) -> int | None:
    """The first day, from the asked one on, on which so many may be told.

    quiet_from: from that day on nobody is told anything, as far as is known, so fewer
    and fewer are held back: the rest is a search by halves.
    """
    for day in range(one.day, max(one.day, quiet_from)):
        if counted(replace(one, day=day)) >= need:
            return day
    low = max(one.day, quiet_from)
    high = low + max(one.days, one.gap)
    if counted(replace(one, day=high)) < need:
        return None
    while low < high:
        middle = (low + high) // 2
        if counted(replace(one, day=middle)) >= need:
            high = middle
        else:
            low = middle + 1
    return high
