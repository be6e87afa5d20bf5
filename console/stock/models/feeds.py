"""Who else moves stock, what they told, and fences that keep them out of a sale."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.providers.crypto import SealedField
from console.stock.models.goods import Location, Sku
from console.stock.rules import choices
from console.stock.rules.feeds import (
    HELD,
    PENDING,
    FeedKind,
    MovementKind,
    MovementState,
)

LATE_AFTER_S = 300


class Feed(models.Model):
    """A source outside that tells us of movements, each signed with its secret.

    location: where all of it happens; None: each movement says where. watermark: the
    instant up to which it has told everything. last_at: when it last said anything.
    late: within which 95 of 100 movements arrived, as measured each minute; None if
    none did. unkept: movements that could not be kept, ever; unkept_at: the last.
    """

    name = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=choices(FeedKind))
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True
    )
    secret = SealedField(help_text="Signs what it sends to us; newest first.")
    active = models.BooleanField(default=True)
    late_after_s = models.PositiveIntegerField(
        default=LATE_AFTER_S, help_text="Later than this is an alarm."
    )
    watermark = models.DateTimeField(null=True, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    late = models.DurationField(null=True, editable=False)
    unkept = models.PositiveIntegerField(default=0, editable=False)
    unkept_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(secret__startswith="v1."), name="feed_secret_is_sealed"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in FeedKind]),
                name="feed_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(late_after_s__gte=1), name="feed_is_late_after_a_time"
            ),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name

    @property
    def late_after(self) -> timedelta:
        """How far it may be behind."""
        return timedelta(seconds=self.late_after_s)


class Fence(models.Model):
    """While it is up, nobody outside writes the stock of a sale's SKUs.

    acknowledged_at: somebody has looked at what differed once it was down.
    """

    campaign = models.CharField(max_length=20, db_index=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(dropped_at=None),
                name="fence_one_up_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(dropped_at__gte=F("raised_at")),
                name="fence_drops_after_it_rose",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(dropped_at__isnull=False),
                name="fence_is_acknowledged_once_down",
            ),
        ]

    def __str__(self) -> str:
        """Its sale."""
        return self.campaign


class FeedMovement(models.Model):
    """One movement a feed told of, once; kept until it is in the books, and after.

    external_id: what the sender calls it. sku_code, place: as sent; sku, location:
    what they are here, None while there is none. code, reason: why it is not booked.
    fence: the last that parked it, or was up when it did not fit. expected: what a
    count should have found.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=100)
    sku_code = models.CharField(max_length=64)
    place = models.CharField(max_length=100)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, null=True, db_index=False)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, db_index=False
    )
    kind = models.CharField(max_length=10, choices=choices(MovementKind))
    units = models.IntegerField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=choices(MovementState))
    code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    fence = models.ForeignKey(Fence, on_delete=models.PROTECT, null=True)
    expected = models.IntegerField(null=True)
    tried_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "occurred_at", "id"],
                condition=Q(state__in=[one.value for one in sorted(PENDING)]),
                name="feed_movement_pending",
            ),
            models.Index(
                fields=["feed", "state"],
                condition=Q(state__in=[one.value for one in sorted(PENDING | HELD)]),
                name="feed_movement_open",
            ),
            models.Index(
                fields=["sku", "occurred_at"],
                condition=Q(kind=MovementKind.SOLD.value),
                name="feed_movement_sold",
            ),
            models.Index(
                fields=["fence", "sku"],
                condition=Q(state=MovementState.PARKED.value),
                name="feed_movement_parked",
            ),
            models.Index(
                fields=["sku", "location"],
                condition=Q(state=MovementState.SHORT.value),
                name="feed_movement_short",
            ),
            models.Index(fields=["feed", "-received_at"], name="feed_movement_arrived"),
            models.Index(
                fields=["sku", "location", "occurred_at"],
                condition=Q(state=MovementState.APPLIED.value),
                name="feed_movement_of_level",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "external_id"], name="feed_movement_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in MovementKind]),
                name="feed_movement_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in MovementState]),
                name="feed_movement_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1) | Q(units=0, kind=MovementKind.COUNTED.value),
                name="feed_movement_has_units",
            ),
            models.CheckConstraint(
                condition=Q(sku__isnull=False, location__isnull=False)
                | Q(state__in=["refused", "discarded"]),
                name="feed_movement_is_of_a_level",
            ),
            models.CheckConstraint(
                condition=~Q(reason="")
                | ~Q(state__in=["short", "refused", "discarded"]),
                name="feed_movement_held_says_why",
            ),
            models.CheckConstraint(
                condition=Q(fence__isnull=False) | ~Q(state="parked"),
                name="feed_movement_parked_by_a_fence",
            ),
        ]

    def __str__(self) -> str:
        """What its sender calls it."""
        return f"{self.external_id}: {self.units} {self.sku_code} {self.kind}"
