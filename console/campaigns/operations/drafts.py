"""Writing a plan: a new campaign, its terms, its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Announcement, Campaign, Line
from console.campaigns.operations.changes import (
    check_scope,
    difference,
    locked,
    spelled,
    void,
)
from console.campaigns.operations.occasions import hold
from console.campaigns.queries import places
from console.campaigns.rules import CartsAtEnd, Incomplete, PriceKind, StartMode
from console.capacity import operations as capacity
from console.capacity.rules import Demand
from console.stock import operations as stock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CODE_LOCK = 5801
WHEN = ("opens_local", "closes_local", "fold", "closes_fold")
"""The terms that say when: a copy on another day has its own."""


@dataclass(frozen=True)
class Terms:
    """What a campaign says besides its lines.

    opens_local, closes_local: naive, on the wall clock of the zone; both or neither.
    fold: 0 or 1 where the wall clock shows a time twice; closes_fold: the same of the
    end, where that is another answer. reach: share of the audience.
    markets: codes; all of the currency if there is none. channels: at least one.
    """

    name: str
    audience_id: int
    owner_id: int
    zone: str
    opens_local: datetime | None = None
    closes_local: datetime | None = None
    fold: int | None = None
    closes_fold: int | None = None
    category: str = ""
    occasion_id: int | None = None
    on_call_id: int | None = None
    revenue_target: Decimal | None = None
    currency: str = "EUR"
    markets: Sequence[str] = ()
    channels: Sequence[str] = ("web",)
    start_mode: str = StartMode.INSTANT
    hold_ttl_s: int = 600
    carts_at_end: str = CartsAtEnd.HONOUR
    buyer_limit: int | None = None
    order_limit: int | None = None
    budget_units: int | None = None
    budget_discount: Decimal | None = None
    budget_gmv: Decimal | None = None
    expected_orders_peak: int = 60
    reach: Decimal = Decimal(1)
    price_kind: str = PriceKind.PUBLIC
    up_to_percent: int | None = None


@operation()
def create(terms: Terms, *, actor: User, now: datetime, code: str = "") -> Campaign:
    """Begin a plan as a draft; its code counts up unless one is given.

    Raises:
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
        Incomplete: a start without an end, or an end without a start.
        OccasionGone: somebody removed the occasion it names.
    """
    values = _values(terms)
    hold(terms.occasion_id)
    campaign = Campaign.objects.create(
        code=code or _next_code(),
        author=actor,
        created_at=now,
        updated_at=now,
        **values,
    )
    campaign.editors.add(actor)
    check_scope(campaign, actor)
    note_forecast(campaign, now)
    record(actor, "campaign.create", campaign, now=now, after={"name": campaign.name})
    return campaign


def _next_code() -> str:
    """One more than the highest; the lock lets two drafts not get the same."""
    lock_codes()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(substr(code, 4)::int), 0) + 1 FROM campaigns_campaign"
            " WHERE code ~ '^FS-[0-9]{1,9}$'"
        )
        return f"FS-{cursor.fetchone()[0]:04d}"


def lock_codes() -> None:
    """Let nobody else choose a code until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CODE_LOCK])


def _values(terms: Terms) -> dict[str, Any]:
    """The columns of some terms, with the window resolved."""
    values = asdict(terms) | {"opens_at": None, "closes_at": None}
    values |= {name: sorted(set(values[name])) for name in ("markets", "channels")}
    if not terms.name.strip():
        raise Incomplete("Give the sale a name.", field="name")
    rules.zone_of(terms.zone)
    there = places.chosen(values["markets"], terms.currency)
    places.check_channels(values["channels"])
    if terms.opens_local is None and terms.closes_local is None:
        return values
    opens, closes = _both(terms)
    mode = StartMode(terms.start_mode)
    folds = rules.Folds(terms.fold, terms.closes_fold)
    found = rules.openings(opens, closes, terms.zone, there, mode=mode, folds=folds)
    return values | asdict(rules.envelope(found))


def _both(terms: Terms) -> tuple[datetime, datetime]:
    if terms.opens_local is None:
        raise Incomplete("Choose when the sale starts.", field="opens_local")
    if terms.closes_local is None:
        raise Incomplete("Choose when the sale ends.", field="closes_local")
    return terms.opens_local, terms.closes_local


@operation()
def edit(
    code: str, *, terms: Terms, version: int, actor: User, now: datetime
) -> Campaign:
    """Change the terms of a plan; whatever was decided about the old ones is void.

    version: the one the editor saw. Nothing happens where nothing changed.

    Raises:
        WrongState: its plan is at work already.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
        OccasionGone: somebody removed the occasion it names.
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
    """
    campaign = locked(code, actor)
    values = _values(terms)
    before, after = difference(
        {name: spelled(getattr(campaign, name)) for name in values},
        {name: spelled(value) for name, value in values.items()},
    )
    if not after:
        return campaign
    rules.check_version(version, campaign.version, before)
    for name, value in values.items():
        setattr(campaign, name, value)
    if "occasion_id" in after:
        hold(values["occasion_id"])
    campaign.version += 1
    campaign.save(update_fields=[*values, "version"])
    touch(campaign, actor=actor, now=now)
    note_forecast(campaign, now)
    record(actor, "campaign.edit", campaign, now=now, before=before, after=after)
    return campaign


def note_forecast(campaign: Campaign, now: datetime) -> None:
    """Let capacity show what a plan would need, from its first draft on."""
    if campaign.opens_at and campaign.closes_at:
        capacity.note_forecast(
            campaign.code,
            opens_at=campaign.opens_at,
            closes_at=campaign.closes_at,
            forecast=Demand.from_orders(campaign.expected_orders_peak),
            now=now,
        )


def touch(campaign: Campaign, *, actor: User, now: datetime) -> None:
    """Note that somebody changed a locked plan: void decisions, remember who.

    Raises:
        OutOfScope: it now concerns something the actor is limited from.
        WrongState: its plan is at work already.
    """
    check_scope(campaign, actor)
    void(campaign, actor=actor, now=now)
    campaign.editors.add(actor)


def carry(source: Campaign, copy: Campaign) -> None:
    """Let a copy have the people of its source to call."""
    copy.contacts, copy.war_room = source.contacts, source.war_room
    copy.save(update_fields=["contacts", "war_room"])


def carry_sold_out(
    source: Campaign, copy: Campaign, *, actor: User, now: datetime
) -> None:
    """Let shops do for the lines of a copy what its source says once they are gone."""
    skus = set(copy.lines.values_list("sku", flat=True))
    stock.carry_sold_out(source.code, copy.code, skus=skus, actor=actor, now=now)


@operation()
def duplicate(code: str, *, actor: User, now: datetime) -> Campaign:
    """Copy a plan, without its date, as a new draft of the actor."""
    source = Campaign.objects.get(code=code)
    said = {name: getattr(source, name) for name in Terms.__dataclass_fields__}
    dateless = dict.fromkeys(WHEN)
    copy = create(Terms(**said | dateless), actor=actor, now=now)
    carry(source, copy)
    lines = list(source.lines.all())
    for line in lines:
        line.pk, line.campaign, line.version = None, copy, 1
    Line.objects.bulk_create(lines, batch_size=2000)
    Announcement.objects.bulk_create(_copied(source, copy))
    check_scope(copy, actor)
    carry_sold_out(source, copy, actor=actor, now=now)
    return copy


def _copied(source: Campaign, to: Campaign) -> list[Announcement]:
    rows = list(source.announcements.all())
    for row in rows:
        row.pk, row.campaign = None, to
    return rows
