"""What each shop was to show of each SKU, what it shows, and how far sending is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from console.stock.models.goods import Sku
from console.stock.rules import choices
from console.stock.rules.publishing import Publishing


class Shopfront(models.Model):
    """A connection whose shop is told what it may sell; one worker at a time does so.

    looked_at, look_ms: when what may be sold was last compared, and how long it took.
    held_until: it asked us to wait, or does not answer. stopped_at: nothing is sent
    until a person sends again, or edits the connection. fence: grows with every
    round; what an older one found out is not written. ways: what its pages can do
    while a SKU is sold out. early: it is told of units that are not there yet.
    """

    connection = models.SlugField(max_length=40, unique=True)
    looked_at = models.DateTimeField(null=True)
    look_ms = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    error_kind = models.CharField(max_length=40, blank=True)
    repaired = models.PositiveBigIntegerField(
        default=0, help_text="SKUs somebody else had changed at the shop."
    )
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    ways = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    early = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at=None) | ~Q(error=""),
                name="shopfront_stopped_says_why",
            ),
        ]

    def __str__(self) -> str:
        """The name of its connection."""
        return self.connection


class Shown(models.Model):
    """One SKU at one shop: what it should show, and what it showed when read last.

    changed_at: since when, at most, the shop shows something else than it should; of
    one that is shown, the last time it did. moved_at: when `wanted` changed last.
    lag_ms: from changed_at until it was read back, the last time.
    notice: what its page should do while it is sold out (rules.soldout.spelled), blank
    for nothing. notice_sent: what it was told, notice_last: the last of it that was
    something, notice_told: all of it, until the page was read doing nothing minutes
    after. notice_shown: what it did when read, of what we told. notice_kept: what
    somebody else made it do, which stays.
    """

    connection = models.SlugField(max_length=40, db_index=False)
    sku = models.ForeignKey(
        Sku, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    wanted = models.IntegerField()
    shown = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=choices(Publishing))
    changed_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    lag_ms = models.BigIntegerField(null=True)
    ready_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    notice = models.TextField(blank=True, default="", db_default="")
    notice_sent = models.TextField(blank=True, default="", db_default="")
    notice_shown = models.TextField(blank=True, default="", db_default="")
    notice_last = models.TextField(blank=True, default="", db_default="")
    notice_told = ArrayField(models.TextField(), default=list, db_default=[])
    notice_kept = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["connection", "changed_at"],
                condition=Q(state="waiting"),
                name="shown_waiting",
            ),
            models.Index(
                fields=["connection", "read_at"],
                condition=Q(state__in=["shown", "unknown"]),
                name="shown_to_read_again",
            ),
            models.Index(
                fields=["connection", "shown_at"],
                include=["lag_ms"],
                condition=Q(lag_ms__isnull=False),
                name="shown_lag",
            ),
            models.Index(
                fields=["sku"],
                condition=~Q(notice="") | ~Q(notice_last="") | ~Q(notice_kept=""),
                name="shown_with_a_notice",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "sku"], name="shown_one_per_shop_and_sku"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in Publishing]),
                name="shown_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=0), name="shown_is_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(last_error=""),
                name="shown_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        """SKU and shop."""
        return f"{self.sku.code} at {self.connection}"
