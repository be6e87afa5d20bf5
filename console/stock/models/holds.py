"""Who holds what at the gate, until when, and what was paid but is not there."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from console.stock.models.locks import Allocation
from console.stock.rules import GateState, HoldState, LimitRule, choices
from console.stock.rules.shortfalls import Resolution


class SaleGate(models.Model):
    """Whether a campaign takes reservations, and on what terms."""

    campaign = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=choices(GateState))
    hold_ttl_s = models.PositiveIntegerField()
    buyer_limit = models.PositiveIntegerField(null=True, blank=True)
    order_limit = models.PositiveIntegerField(null=True, blank=True)
    holds_until = models.DateTimeField(
        null=True, blank=True, help_text="When every hold ends at the latest."
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="When the sale ends, as far as it is known."
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    shops = ArrayField(
        models.CharField(max_length=40),
        null=True,
        blank=True,
        help_text="Connections that show the sale; every shop where nobody said.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in GateState]),
                name="sale_gate_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(hold_ttl_s__gte=1), name="sale_gate_holds_last"
            ),
        ]


class Holds(models.QuerySet["Reservation"]):
    """Filters of reservations by what they mean now."""

    def active(self, now: datetime) -> Holds:
        """Unpaid and not expired: these still count."""
        return self.filter(state=HoldState.HELD, expires_at__gt=now)

    def expired(self, now: datetime) -> Holds:
        """Unpaid and expired, swept or not."""
        late = Q(state=HoldState.HELD, expires_at__lte=now)
        return self.filter(late | Q(state=HoldState.EXPIRED))


class Reservation(models.Model):
    """A buyer's short claim during checkout.

    id: begins with the time, so that those of a sale lie together (sql/reserve.sql).
    digest: derived from client, buyer and key, so that a retry finds its first answer.
    Its index begins with the buyer, whose reservations are found by it.
    """

    id = models.UUIDField(primary_key=True)
    digest = models.UUIDField()
    client = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField()
    campaign = models.CharField(max_length=20)
    buyer = models.CharField(max_length=128)
    state = models.CharField(max_length=10, choices=choices(HoldState))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    order = models.CharField(max_length=64, blank=True)

    objects = Holds.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "made_at"], name="reservation_made"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in HoldState]),
                name="reservation_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["buyer", "digest"],
                name="reservation_once_a_key",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", order=""),
                name="reservation_confirmed_names_its_order",
            ),
        ]


class ReservationLine(models.Model):
    """Units of one allocation in one reservation.

    held: the units are counted in the allocation's `taken` for this hold.
    sold: units that became a sale; with `short` they add up to `units` once paid. What
    is cancelled while the sale has the units is taken off again.
    """

    pk = models.CompositePrimaryKey("reservation_id", "allocation_id")
    reservation = models.ForeignKey(
        Reservation,
        on_delete=models.PROTECT,
        related_name="lines",
        db_constraint=False,
        db_index=False,
    )
    allocation = models.ForeignKey(
        Allocation, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    units = models.IntegerField()
    held = models.BooleanField()
    expires_at = models.DateTimeField()
    sold = models.IntegerField(default=0)
    short = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["allocation", "expires_at"],
                condition=Q(held=True),
                name="reservation_line_held",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1, sold__gte=0, short__gte=0),
                name="reservation_line_has_units",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=F("sold") + F("short")),
                name="reservation_line_sells_what_it_held",
            ),
        ]


class Shortfall(models.Model):
    """Paid units that could not be filled, and what was done for their buyer.

    resolution: blank while nobody settled it.
    """

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT)
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT)
    order = models.CharField(max_length=64)
    units = models.IntegerField()
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolution = models.CharField(
        max_length=200, blank=True, choices=choices(Resolution)
    )
    note = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "allocation"], name="shortfall_once_per_line"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None, resolution="", note="")
                | Q(
                    resolved_at__isnull=False,
                    resolved_by__isnull=False,
                    resolution__in=[one.value for one in Resolution],
                ),
                name="shortfall_resolved_at_once",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1), name="shortfall_has_units"
            ),
        ]

    def __str__(self) -> str:
        """Sale, SKU and order."""
        return f"{self.allocation} of {self.order}"

    @property
    def way(self) -> Resolution | None:
        """How it was settled, if it was."""
        return Resolution(self.resolution) if self.resolution else None


class LimitBreach(models.Model):
    """How often one buyer asked for more than they may have, or paid for it late.

    rule: `buyer_limit` and `order_limit` were refused, `paid_over` never is. units: the
    most that was asked for at once; of `paid_over`, what the buyer then had.
    """

    campaign = models.CharField(max_length=20)
    buyer = models.CharField(max_length=128)
    rule = models.CharField(max_length=11)
    times = models.PositiveIntegerField()
    units = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "-last_at"], name="limit_breach_last"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "buyer", "rule"], name="limit_breach_once_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(rule__in=[rule.value for rule in LimitRule]),
                name="limit_breach_rule_is_known",
            ),
        ]


class ApiToken(models.Model):
    """A key of one client to the gate; only its SHA-256 is kept.

    client: several tokens may belong to one client, so that a key can be rotated.
    """

    name = models.CharField(max_length=100, unique=True)
    client = models.CharField(max_length=60)
    hash = models.BinaryField(unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Its name, never its key."""
        return self.name
