"""When people are told of a sale: offsets from its opening or its end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from console.errors import Refusal
from console.fatigue.rules import Channel, Message

FARTHEST_MIN = 30 * 24 * 60
"""No announcement comes more than 30 days before or after what it counts from."""
_WHEN = re.compile(r"(?i)(T|start|end)(?:([+-])(\d{1,5})(m|min|h|d))?0?")
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}


class BadAnnouncement(Refusal):
    """An announcement that cannot be."""

    code = "bad_announcement"
    status = 422


class Medium(StrEnum):
    """How people are told."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return {"email": "E-mail", "sms": "SMS", "push": "Push"}[self.value]

    @property
    def channel(self) -> Channel:
        """What the caps of a fatigue policy call it: push stands for SMS too."""
        return Channel.EMAIL if self is Medium.EMAIL else Channel.PUSH


class Anchor(StrEnum):
    """What an offset counts from."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One announcement: minutes after its anchor, below 0 before; share of people."""

    medium: Medium
    anchor: Anchor
    minutes: int
    share: Decimal = Decimal(1)

    def at(self, opens_at: datetime, closes_at: datetime) -> datetime:
        """The instant, for a sale of this window."""
        base = opens_at if self.anchor is Anchor.START else closes_at
        return base + timedelta(minutes=self.minutes)

    @property
    def when(self) -> str:
        """`T-24h`, `T0`, `end-2h`: what `read_when` reads."""
        return spell_when(self.anchor, self.minutes)

    def spelled(self) -> str:
        """One line of text that `read` understands; the same for equal values."""
        share = f"{self.share.normalize():f}"
        return f"{self.medium} {self.anchor} {self.minutes} {share}"

    @classmethod
    def read(cls, text: str) -> Told:
        """The other way round of `spelled`.

        Raises:
            ArithmeticError, ValueError: it is none, or no plan could keep it.
            BadAnnouncement: it is to nobody, or after the end.
        """
        medium, anchor, minutes, share = text.split()
        one = cls(Medium(medium), Anchor(anchor), int(minutes), Decimal(share))
        check_told(one)
        if abs(one.minutes) > FARTHEST_MIN:
            raise ValueError(text)
        if one.share != round(one.share, 3):
            raise ValueError(text)
        return one


def read_when(text: str) -> tuple[Anchor, int]:
    """An offset as people write it: `T-24h`, `T0`, `T+30m`, `end-2h`.

    Raises:
        BadAnnouncement: it is none, or too far away.
    """
    found = _WHEN.fullmatch(text.replace(" ", "").replace("−", "-"))
    if not found:
        raise BadAnnouncement(
            "Write when as T-24h, T0, T+30m, or end-2h for before the end.",
            field="when",
        )
    word, sign, count, unit = found.groups()
    minutes = int(count) * _MINUTES[unit[0].lower()] if count else 0
    if minutes > FARTHEST_MIN:
        raise BadAnnouncement(
            "An announcement comes at most 30 days away. Enter a shorter time.",
            field="when",
        )
    anchor = Anchor.END if word.lower() == "end" else Anchor.START
    return anchor, -minutes if sign == "-" else minutes


def spell_when(anchor: Anchor, minutes: int) -> str:
    """The shortest way to write an offset."""
    word = "T" if anchor is Anchor.START else "end"
    if not minutes:
        return "T0" if anchor is Anchor.START else "end"
    size = abs(minutes)
    unit = "h" if size % 60 == 0 else "m"
    count = size // 60 if unit == "h" else size
    return f"{word}{'-' if minutes < 0 else '+'}{count}{unit}"


def check_told(told: Told) -> None:
    """Refuse an announcement to nobody, or after the end.

    Raises:
        BadAnnouncement: which of both.
    """
    if not 0 < told.share <= 1:
        raise BadAnnouncement(
            "The share must be above 0% and at most 100%.", field="share"
        )
    if told.anchor is Anchor.END and told.minutes > 0:
        raise BadAnnouncement(
            "Nobody is told of a sale that is over. Choose a time before the end.",
            field="when",
        )


def shown_from(
    told: Iterable[Told],
    opens_at: datetime,
    closes_at: datetime,
    *,
    opened_at: datetime | None,
) -> datetime | None:
    """From when on an end is advertised; None where nobody is told of it.

    An announcement says until when the sale lasts, and an open shop counts down to it.
    """
    said = [one.at(opens_at, closes_at) for one in told]
    return min([*said, *([opened_at] if opened_at else [])], default=None)


def messages(
    told: Iterable[Told],
    opens_at: datetime,
    closes_at: datetime,
    *,
    over_at: datetime | None = None,
) -> tuple[Message, ...]:
    """The announcements of a sale as the caps count them, by instant.

    A message to a part of the audience counts as one to all of it: each cap protects
    the person who gets the most. over_at: the sale was stopped then, and nobody was
    told any more; by default its close.
    """
    last = over_at or closes_at
    sent = ((one.at(opens_at, closes_at), one.medium.channel) for one in told)
    return tuple(sorted(Message(at, channel) for at, channel in sent if at <= last))
