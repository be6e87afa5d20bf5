"""Feeds: who may tell us of movements, and taking in what they tell, each once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from console.audit.operations import operation, record
from console.providers.signing import key_of
from console.stock.feed_body import Body, Told, Unread
from console.stock.models import Feed, FeedMovement, Location
from console.stock.operations import feed_sql
from console.stock.operations.booking import book_these
from console.stock.operations.ledger import StockBusy, briefly
from console.stock.rules.feeds import (
    FeedKind,
    FeedNameTaken,
    FeedSecretTaken,
    MovementState,
    UnknownFeed,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class FeedTerms:
    """What a person enters of a feed. secret: empty keeps the one there is."""

    kind: FeedKind
    location: Location | None = None
    late_after_s: int = 300
    active: bool = True
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What is said of one movement: accepted, duplicate or refused, and its state."""

    id: str
    result: str
    state: str = ""
    code: str = ""
    message: str = ""


@operation()
def add_feed(name: str, terms: FeedTerms, *, actor: User | None, now: datetime) -> Feed:
    """Let one more source tell us of movements.

    Raises:
        FeedNameTaken: another feed is called so.
        FeedSecretTaken: another feed signs with the same secret.
    """
    _lock_feeds(terms.secret)
    feed = Feed(name=name)
    _fill(feed, terms)
    try:
        with transaction.atomic():
            feed.save(force_insert=True)
    except IntegrityError:
        told = f"There is a feed called {name} already. Choose another name."
        raise FeedNameTaken(told, field="name") from None
    _check_secret(feed, terms.secret)
    record(actor, "stock.add_feed", feed, now=now, after=_told(feed, terms))
    return feed


@operation()
def change_feed(
    name: str, terms: FeedTerms, *, actor: User | None, now: datetime
) -> Feed:
    """Change what is known of a feed.

    Raises:
        Feed.DoesNotExist: there is none.
        FeedSecretTaken: another feed signs with the same secret.
    """
    _lock_feeds(terms.secret)
    feed = Feed.objects.select_for_update().get(name=name)
    before = _told(feed)
    _fill(feed, terms)
    feed.save()
    _check_secret(feed, terms.secret)
    after = _told(feed, terms)
    record(actor, "stock.change_feed", feed, now=now, before=before, after=after)
    return feed


def _fill(feed: Feed, terms: FeedTerms) -> None:
    feed.kind, feed.location = terms.kind, terms.location
    feed.late_after_s, feed.active = terms.late_after_s, terms.active
    if terms.secret:
        feed.secret = terms.secret


def _lock_feeds(secret: str) -> None:
    """Let nobody else enter a secret meanwhile; they are sealed, so no index can."""
    if secret:
        with connection.cursor() as cursor:
            cursor.execute("lock table stock_feed in share row exclusive mode")


def _check_secret(feed: Feed, secret: str) -> None:
    """Refuse a secret of another feed: what is signed for one would hold for both."""
    ours = {key_of(one) for one in secret.split()}
    for other in Feed.objects.exclude(pk=feed.pk) if ours else ():
        if not ours.isdisjoint(key_of(one) for one in other.secret.split()):
            raise FeedSecretTaken(
                f"The feed {other.name} signs with this secret. Enter another one.",
                field="secret",
            )


def _told(feed: Feed, given: FeedTerms | None = None) -> dict[str, Any]:
    """What the trail keeps: never a secret, only that one was entered."""
    told = {
        "kind": str(feed.kind),
        "location": str(feed.location or ""),
        "late_after_s": feed.late_after_s,
        "active": feed.active,
    }
    return told | ({"secret": "entered"} if given and given.secret else {})


def feed_called(name: str) -> Feed | None:
    """The feed of a name, if there is one."""
    return Feed.objects.select_related("location").filter(name=name).first()


def active(feed: Feed | None) -> Feed:
    """The same feed, if it may tell us anything.

    Raises:
        UnknownFeed: there is none, or it is switched off.
    """
    if feed is None or not feed.active:
        raise UnknownFeed(
            "This feed is switched off. An admin may switch it on.", field="name"
        )
    return feed


def take_in(feed: Feed, body: Body, *, now: datetime) -> list[Answer]:
    """Keep what a feed told, each movement once, then book it as far as it fits.

    It is kept before it is booked, in a transaction of its own: where the stock is
    busy, or we die between, the bell books it, or whoever sends it again. The answers
    are in the order of the body. With one that cannot be kept the watermark stays:
    not all up to it is known here.

    Raises:
        StockBusy: somebody decides on the same movements; nothing was kept.
    """
    told = [one for one in body.movements if isinstance(one, Told)]
    fresh = _keep(feed, body, told, now)
    known = {row.external_id: row for row in _rows(feed, told)}
    waits = MovementState.WAITING
    ids = [row.pk for row in known.values() if row.state == waits]
    if ids:
        with suppress(StockBusy):
            book_these(ids, now=now)
        known = {row.external_id: row for row in _rows(feed, told)}
    return _answers(body.movements, fresh, known)


def _hear(feed: Feed, body: Body, unkept: int, now: datetime) -> None:
    """Note that a feed spoke, up to when it told all, and what could not be kept."""
    changes: dict[str, Any] = {"last_at": Greatest("last_at", now)}
    if unkept:
        changes |= {"unkept": F("unkept") + unkept, "unkept_at": now}
    elif body.watermark is not None:
        changes["watermark"] = Greatest("watermark", min(body.watermark, now))
    Feed.objects.filter(pk=feed.pk).update(**changes)


@operation()
@briefly()
def _keep(feed: Feed, body: Body, told: Sequence[Told], now: datetime) -> set[str]:
    """Write what is new, and that the feed spoke: the names of what is new.

    Of two with one name in a message the first counts.

    Raises:
        StockBusy: somebody decides on the same movements; nothing was kept.
    """
    _hear(feed, body, len(body.movements) - len(told), now)
    first = {one.id: one for one in reversed(told)}
    if not first:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(feed_sql.TAKE_IN, _columns(feed, list(first.values()), now))
        return {name for (name,) in cursor.fetchall()}


def _columns(feed: Feed, told: Sequence[Told], now: datetime) -> dict[str, Any]:
    return {
        "feed": feed.pk,
        "place": feed.location_id,
        "now": now,
        "names": [one.id for one in told],
        "skus": [one.sku for one in told],
        "places": [one.location for one in told],
        "kinds": [str(one.kind) for one in told],
        "units": [one.units for one in told],
        "ats": [one.at for one in told],
    }


def _rows(feed: Feed, told: Sequence[Told]) -> list[FeedMovement]:
    names = [one.id for one in told]
    return list(FeedMovement.objects.filter(feed=feed, external_id__in=names))


def _answers(
    movements: Sequence[Told | Unread],
    fresh: set[str],
    known: dict[str, FeedMovement],
) -> list[Answer]:
    left, found = set(fresh), []
    for one in movements:
        if isinstance(one, Unread):
            found.append(Answer(one.id, "refused", "", one.code, one.message))
            continue
        found.append(_answer(one, known[one.id], new=one.id in left))
        left.discard(one.id)
    return found


def _answer(one: Told, row: FeedMovement, *, new: bool) -> Answer:
    sent = (one.sku, one.location, str(one.kind), one.units, one.at)
    kept = (row.sku_code, row.place, row.kind, row.units, row.occurred_at)
    if sent != kept:
        text = f"{one.id} was sent before and said something else. Give it a new id."
        return Answer(one.id, "refused", "", "other_content", text)
    if row.state == MovementState.REFUSED:
        return Answer(one.id, "refused", row.state, row.code, row.reason)
    result = "accepted" if new else "duplicate"
    return Answer(one.id, result, row.state, row.code, row.reason)
