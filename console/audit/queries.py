"""Reads of the trail: the page, the export, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from console.audit import rules
from console.audit.models import Entry, Head


@dataclass(frozen=True)
class Broken:
    """Where the chain stops being true, and how."""

    position: int
    why: str


@dataclass(frozen=True)
class Wanted:
    """What a reader filters by; empty means everything.

    since, until: half-open, aware.
    """

    actor: str = ""
    verb: str = ""
    object: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries(wanted: Wanted) -> QuerySet[Entry]:
    """The trail, newest first, as far as it is wanted."""
    found = Entry.objects.order_by("-position")
    if wanted.actor:
        found = found.filter(_by(wanted.actor))
    if wanted.verb:
        found = found.filter(verb__startswith=wanted.verb)
    if wanted.object:
        found = found.filter(_about(wanted.object))
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    return _saying(found, wanted.text) if wanted.text else found


RECENT = 50


def last_changes(
    kind: str, key: str, names: Sequence[str], *, also: Mapping[str, object]
) -> dict[str, tuple[str, datetime]]:
    """Who changed each of these values of an object last, and when, as far as told.

    kind, key: of the object. also: what an entry must say besides. One query, and only
    the last 50 entries.
    """
    about = Entry.objects.filter(object_type=kind, object_id=key, after__contains=also)
    found: dict[str, tuple[str, datetime]] = {}
    for entry in about.order_by("-position")[:RECENT]:
        for name in set(names) & set(entry.after or {}):
            found.setdefault(name, (entry.actor_name, entry.at))
    return found


def _by(actor: str) -> Q:
    return Q(actor_id=None) if actor == "system" else Q(actor__username=actor)


def _about(name: str) -> Q:
    return (
        Q(object_label__icontains=name)
        | Q(object_id=name)
        | Q(object_type__startswith=name)
    )


def _saying(found: QuerySet[Entry], text: str) -> QuerySet[Entry]:
    spelled = found.alias(
        was=Cast("before", TextField()), became=Cast("after", TextField())
    )
    return spelled.filter(
        Q(reason__icontains=text)
        | Q(object_label__icontains=text)
        | Q(verb__icontains=text)
        | Q(actor_name__icontains=text)
        | Q(was__icontains=text)
        | Q(became__icontains=text)
    )


def actors() -> list[tuple[str, str]]:
    """Everybody who may have done something, by name."""
    people = User.objects.order_by("username")
    return [(person.username, person.get_full_name()) for person in people]


def verbs() -> list[str]:
    """Every verb in the trail."""
    names = Entry.objects.order_by("verb").values_list("verb", flat=True)
    return list(names.distinct())


def verify_chain() -> Broken | None:
    """Walk the whole chain; None if every link holds.

    Finds a changed, removed, added or reordered row at its own position.
    """
    head = _head()
    previous, expected = rules.FIRST, 1
    for entry in Entry.objects.order_by("position").iterator(chunk_size=2000):
        if entry.position > head.position:  # written while we walked, or a forgery
            head = _head()
        if broken := _broken(entry, previous, expected):
            return broken
        previous, expected = entry.hash, expected + 1
    if expected != head.position + 1:
        return Broken(expected, "the entry is missing")
    return None if previous == head.hash else Broken(head.position, "the head differs")


def _head() -> Head:
    found = Head.objects.filter(pk=1).first()
    return found or Head(pk=1, position=0, hash=rules.FIRST)


def _broken(entry: Entry, previous: str, expected: int) -> Broken | None:
    if entry.position != expected:
        return Broken(expected, "the entry is missing")
    if entry.previous != previous:
        return Broken(expected, "the entry does not follow the one before it")
    if entry.hash != entry.linked():
        return Broken(expected, "the content was changed")
    return None


def length() -> int:
    """How many entries the chain says it has."""
    return _head().position
