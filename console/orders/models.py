"""Accepted orders, where they must go, and how far each is on its way there."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from console.orders.rules import WAITING, Issue, Outgoing

_WAITING = sorted(state.value for state in WAITING)


def _lost(path: str = "") -> Q:
    return Q((f"{path}state", Outgoing.SENT), (f"{path}lost_at__isnull", False))


def _unsettled(path: str = "") -> Q:
    waiting = Q((f"{path}state__in", _WAITING))
    return waiting | Q((f"{path}state", Outgoing.DEAD)) | _lost(path)


class Destination(models.Model):
    """A system that every accepted order is handed on to, at its pace.

    limit_per_s: what the other side allows. rate_per_s: what we send.
    next_at: the earliest instant of the next call; moved by who sends, so that the rate
    holds across processes.
    recent: when calls of the last second ended, epoch seconds.
    held_until: it asked us to wait, or does not answer.
    """

    name = models.CharField(max_length=60, unique=True)
    connection = models.SlugField(max_length=40)
    limit_per_s = models.FloatField()
    rate_per_s = models.FloatField()
    paused = models.BooleanField(default=False)
    since = models.DateTimeField(help_text="Orders accepted from here on go there.")
    priority = models.SmallIntegerField(
        default=0, help_text="Higher goes first where several have work."
    )
    next_at = models.DateTimeField(null=True, editable=False)
    recent = models.JSONField(default=list, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)
    held_why = models.CharField(max_length=300, blank=True, editable=False)
    failures = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Calls that failed since the last good one.",
    )
    delivered_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_per_s__gt=0, rate_per_s__lte=F("limit_per_s")),
                name="destination_rate_within_its_limit",
            ),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders by where they belong."""

    def of(self, campaign: str | None) -> OrderQuerySet:
        """Those of a campaign; all of them if none is named."""
        return self if campaign is None else self.filter(campaign=campaign)

    def with_unsettled(self) -> OrderQuerySet:
        """Joined as `open`: rows that wait, are dead or lost; by partial indexes."""
        rows = FilteredRelation("outbox", condition=_unsettled("outbox__"))
        return self.annotate(open=rows)


class Order(models.Model):
    """One paid order, accepted exactly once.

    source: the connection of the store that told us. units, total: of all lines.
    shortfall: paid units that are not there. reservation: None if none was named.
    """

    source = models.SlugField(max_length=40)
    event_id = models.CharField(max_length=200)
    ref = models.CharField(max_length=64)
    campaign = models.CharField(max_length=20, blank=True)
    buyer = models.CharField(max_length=128, blank=True)
    reservation = models.UUIDField(null=True)
    units = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=14, decimal_places=3)
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField()
    accepted_at = models.DateTimeField()
    issue = models.CharField(
        max_length=30, blank=True, choices=[(i, i.label) for i in Issue if i]
    )
    shortfall = models.PositiveIntegerField(default=0)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["campaign", "accepted_at"],
                include=["total", "units"],
                name="order_by_campaign",
            ),
            models.Index(fields=["-accepted_at", "-id"], name="order_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "event_id"], name="order_once_per_event"
            ),
            models.UniqueConstraint(
                fields=["source", "ref"], name="order_once_per_ref"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1, total__gte=0), name="order_has_units"
            ),
            models.CheckConstraint(
                condition=Q(shortfall__lte=F("units")),
                name="order_shortfall_within_units",
            ),
        ]

    def __str__(self) -> str:
        """The store's reference."""
        return self.ref


class OrderLine(models.Model):
    """Units of one SKU in an order. price: of one unit, as paid."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=64)
    units = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="order_line_in_its_place"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1, price__gte=0), name="order_line_has_units"
            ),
        ]


class OutboxQuerySet(models.QuerySet["Outbox"]):
    """Rows by what can be done with them."""

    def of(self, campaign: str | None) -> OutboxQuerySet:
        """Those of a campaign's orders; all of them if none is named."""
        return self if campaign is None else self.filter(order__campaign=campaign)

    def lost(self) -> OutboxQuerySet:
        """Sent, but the destination says that it does not have them."""
        return self.filter(_lost())

    def unsettled(self) -> OutboxQuerySet:
        """All but what is there: waiting, dead or lost. Read by partial indexes."""
        return self.filter(_unsettled())

    def claimable(self, now: datetime) -> OutboxQuerySet:
        """Ready, or left behind by a worker that died; a buyer's orders in turn."""
        ready = Q(state=Outgoing.QUEUED, ready_at__lte=now)
        left = Q(state=Outgoing.LEASED, lease_until__lte=now)
        earlier = Outbox.objects.filter(
            destination=OuterRef("destination"),
            lane=OuterRef("lane"),
            pk__lt=OuterRef("pk"),
            state__in=_WAITING,
        ).exclude(lane="")
        return self.filter(ready | left).exclude(Exists(earlier))


class Outbox(models.Model):
    """One order on its way to one destination; written with the order itself.

    key: sent along, so that the same order twice is one order there.
    lane: whose orders keep their order among themselves (the buyer; empty: nobody's).
    tries: those that failed. failed_at: the first of them. fence: grows with every
    claim; an older one may not write. known_at: when the destination said it has it.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="outbox")
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="outbox"
    )
    key = models.CharField(max_length=200, unique=True)
    lane = models.CharField(max_length=128, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in Outgoing])
    tries = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(
        null=True, help_text="When the destination said it does not have it."
    )
    error = models.CharField(max_length=500, blank=True)
    error_kind = models.CharField(max_length=40, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(
                fields=["destination", "id"],
                condition=Q(state__in=_WAITING),
                name="outbox_waiting",
            ),
            models.Index(
                fields=["destination", "lane", "id"],
                condition=Q(state__in=_WAITING),
                name="outbox_lane",
            ),
            models.Index(
                fields=["destination", "dead_at"],
                condition=Q(state="dead"),
                name="outbox_dead",
            ),
            models.Index(
                fields=["destination", "sent_at"],
                condition=Q(state="sent", known_at=None),
                name="outbox_unproven",
            ),
            models.Index(
                fields=["lost_at", "id"],
                condition=Q(state="sent", lost_at__isnull=False),
                name="outbox_lost",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "destination"], name="outbox_once_per_destination"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in Outgoing]),
                name="outbox_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until=None)),
                name="outbox_leased_until",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="outbox_sent_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="dead") | (Q(dead_at__isnull=False) & ~Q(error="")),
                name="outbox_dead_says_why",
            ),
        ]

    def __str__(self) -> str:
        """Its key."""
        return self.key
