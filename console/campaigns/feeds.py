"""Calendar feeds: who may read which lane by an address of its own, and its sales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac
from icalendar import Calendar, Event

from console.campaigns.models import Campaign
from console.campaigns.queries.footprints import known
from console.campaigns.rules import State
from console.errors import Refusal
from console.fatigue.rules import Scope, scope_of
from console.shell.policy import LOGIN, may

SALT = "campaigns.feed"
BACK = timedelta(days=90)
STATUS = {State.DRAFT: "TENTATIVE", State.IN_REVIEW: "TENTATIVE",
          State.ABORTED: "CANCELLED", State.FAILED: "CANCELLED"}  # fmt: skip


class FeedIsGone(Refusal):
    """The address of a feed holds no longer: its owner left, or has a new password."""

    code = "feed_is_gone"
    status = 410


@dataclass(frozen=True)
class Feed:
    """One lane, for one person."""

    lane: Scope
    owner: User


def token(owner: User, lane: Scope) -> str:
    """The secret part of a feed's address; a new password makes it worthless."""
    return signing.dumps([owner.pk, str(lane), _mark(owner)], salt=SALT, compress=True)


def _mark(owner: User) -> str:
    return salted_hmac(SALT, owner.password).hexdigest()[:12]


def opened(text: str) -> Feed:
    """The feed an address stands for.

    Raises:
        FeedIsGone: it was never ours, or its owner may not read any more.
    """
    try:
        pk, lane, mark = signing.loads(text, salt=SALT)
        owner = User.objects.get(pk=pk, is_active=True)
        if mark != _mark(owner) or not may(owner, LOGIN):
            raise User.DoesNotExist
        return Feed(scope_of(lane), owner)
    except (signing.BadSignature, User.DoesNotExist, ValueError, TypeError):
        raise FeedIsGone(
            "This calendar address holds no longer. Copy a new one from the calendar."
        ) from None


def ical(feed: Feed, *, now: datetime) -> bytes:
    """The sales of a lane in iCalendar form (RFC 5545), from 90 days ago on.

    Instants are in UTC, so no reader needs to know a zone's rules.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Doorbuster//Sales calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("name", f"Sales: {feed.lane.name or feed.lane.kind.label}")
    calendar.add("x-wr-calname", f"Sales: {feed.lane.name or feed.lane.kind.label}")
    calendar.add("refresh-interval;value=duration", "PT1H")
    for one in _sales(feed.lane, now - BACK):
        calendar.add_component(_event(one))
    return bytes(calendar.to_ical())


def _sales(lane: Scope, since: datetime) -> Sequence[Campaign]:
    rows = Campaign.objects.filter(opens_at__isnull=False, closes_at__gte=since)
    rows = rows.select_related("audience", "footprint").defer("footprint__skus")
    found = list(rows.order_by("opens_at", "pk"))
    touched = known(found)
    return [one for one in found if lane in touched[one.pk].reach]


def _event(one: Campaign) -> Event:
    event = Event()
    place = reverse("campaigns:plan", args=[one.code])
    event.add("uid", f"{one.code}@doorbuster")
    event.add("dtstamp", one.updated_at)
    event.add("last-modified", one.updated_at)
    event.add("sequence", one.version)
    event.add("dtstart", one.opens_at)
    event.add("dtend", one.closes_at)
    event.add("summary", one.name)
    event.add("status", STATUS.get(State(one.state), "CONFIRMED"))
    event.add("categories", [State(one.state).label])
    event.add("url", urljoin(settings.PUBLIC_URL, place))
    event.add("description", f"{one.code}, {State(one.state).label}, {one.audience}")
    return event
