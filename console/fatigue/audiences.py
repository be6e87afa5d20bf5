"""The audiences page: what is known of each, how it answers, and files coming in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.fatigue import saturating
from console.fatigue.contacts.reading import EPOCH
from console.fatigue.models import Audience, ContactBook, ContactFile
from console.fatigue.rules import Measured, Strain, strain

WIDTH, HEIGHT = 120, 26
SHOWN = timedelta(days=90)
FILES = 10


@dataclass(frozen=True)
class Known:
    """One audience: its contacts, its latest rates and the factor they make.

    points: the unsubscribe rate of the last 90 days, as the points of a line; "" where
    fewer than two days were measured.
    """

    audience: Audience
    book: ContactBook | None
    last_contact: date | None
    measured: Measured | None
    age_days: int | None
    strain: Strain
    points: str

    @property
    def reason(self) -> str:
        """Why the factor is not 1, without the factor."""
        return self.strain.why.partition(": ")[2]


@dataclass(frozen=True)
class Incoming:
    """A file of contacts and how far it is."""

    file: ContactFile
    at_work: bool
    percent: float


def known(now: datetime) -> list[Known]:
    """Every audience, the largest first; in three queries."""
    people = list(Audience.objects.order_by("-size", "name"))
    books = {one.pk: one for one in ContactBook.objects.all()}
    told = saturating.history([one.pk for one in people], now)
    return [_known(one, books.get(one.pk), told.get(one.pk, []), now) for one in people]


def _known(
    audience: Audience,
    book: ContactBook | None,
    told: Sequence[Measured],
    now: datetime,
) -> Known:
    today = now.date()
    newest = told[-1] if told else None
    return Known(
        audience,
        book,
        date.fromordinal(book.last + EPOCH) if book and book.last else None,
        newest,
        (today - newest.day).days if newest else None,
        strain(told, today),
        _points([one for one in told if today - one.day <= SHOWN], today),
    )


def _points(told: Sequence[Measured], today: date) -> str:
    """A line over the last 90 days, from no unsubscribes up to the most there were."""
    rates = [(one.day, one.unsubscribe) for one in told if one.unsubscribe is not None]
    if len(rates) < 2:
        return ""
    top = max(rate for _, rate in rates) or 1.0
    return " ".join(
        f"{WIDTH * (1 - (today - day) / SHOWN):.1f},{HEIGHT * (1 - rate / top):.1f}"
        for day, rate in rates
    )


def incoming() -> list[Incoming]:
    """The latest files of contacts, the newest first."""
    files = ContactFile.objects.select_related("by").order_by("-pk")[:FILES]
    return [
        Incoming(
            one,
            one.state == ContactFile.State.MERGING,
            100 * one.merged / one.total if one.total else 100.0,
        )
        for one in files
    ]
