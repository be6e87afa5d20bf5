"""Reading a CSV of contacts: one customer, audience, channel and day a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from console.errors import Refusal
from console.fatigue.rules import Channel

COLUMNS = ("customer", "audience", "channel", "day")
LONGEST = 64
KEPT = 100
"""Wrong rows that are named; the rest is counted."""
EPOCH = date(1970, 1, 1).toordinal()
CHANNELS = {
    "": "",
    "email": Channel.EMAIL.value,
    "e-mail": Channel.EMAIL.value,
    "sms": Channel.PUSH.value,
    "push": Channel.PUSH.value,
}
Good = tuple[int, str, str, int]
"""Key of the audience, customer, channel, day; no channel and day 0: never told."""


class WrongContacts(Refusal):
    """A file that cannot be read as contacts at all."""

    code = "wrong_contacts"
    status = 422


@dataclass
class Problems:
    """Rows that were left out, and why: the first of them by number."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def note(self, number: int, why: str) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append((number, why))


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH


def contacts(
    chunks: Iterable[bytes],
    audiences: Mapping[str, int],
    problems: Problems,
    *,
    today: date,
) -> Iterator[Good]:
    """The good rows of a file, one after the other; wrong ones go to the problems.

    audiences: keys by slug and by name in lower case.

    Raises:
        WrongContacts: it is no UTF-8 text, or lacks a column.
    """
    try:
        reader = csv.reader(_lines(chunks))
        places = _places(next(reader, []))
        days: dict[str, int | None] = {"": 0}
        for number, cells in enumerate(reader, start=2):
            if not any(cells):
                continue
            row = [cells[at].strip() if at < len(cells) else "" for at in places]
            try:
                yield _good(row, audiences, days, day_number(today))
            except ValueError as wrong:
                problems.note(number, str(wrong))
    except (UnicodeDecodeError, csv.Error) as bad:
        raise WrongContacts(
            "This is not a CSV file in UTF-8. Export it again as CSV.", field="file"
        ) from bad


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of text; a line may go over the edge of a chunk."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        whole, cut, rest = rest.rpartition(b"\n")
        if cut:
            yield from io.StringIO((whole + cut).decode("utf-8-sig"))
    if rest:
        yield rest.decode("utf-8-sig")


def _places(head: list[str]) -> list[int]:
    names = [name.strip().lower() for name in head]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise WrongContacts(
            f"The file has no column {missing[0]}. Its first line must name "
            f"{', '.join(COLUMNS)}.",
            field="file",
        )
    return [names.index(name) for name in COLUMNS]


def _good(
    row: list[str], audiences: Mapping[str, int], days: dict[str, int | None], last: int
) -> Good:
    """The values of a row; ValueError says what is wrong with it."""
    customer, audience, channel, day = row
    if not customer or len(customer) > LONGEST or "\x00" in customer:
        raise ValueError(f"A customer has 1 to {LONGEST} characters.")
    key = audiences.get(audience.lower())
    if key is None:
        raise ValueError(f"There is no audience {audience[:80] or '(empty)'}.")
    medium = CHANNELS.get(channel.lower())
    if medium is None:
        raise ValueError(f"The channel {channel[:20]} is none of email, sms, push.")
    if day not in days:
        days[day] = _day(day)
    number = days[day]
    if number is None or bool(medium) != bool(number):
        raise ValueError(f"The day {day[:20] or '(empty)'} is not like 2026-11-27.")
    if number > last:
        raise ValueError(f"The day {day} is yet to come.")
    return key, customer, medium, number


def _day(text: str) -> int | None:
    try:
        number = day_number(date.fromisoformat(text))
    except ValueError:
        return None
    return number if number > 0 else None
