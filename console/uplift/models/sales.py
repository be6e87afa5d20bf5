"""Sales of the past, and what each brought above its baseline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.fatigue.models import Audience
from console.uplift.rules import Source


class PastSale(models.Model):
    """A sale to measure, and the measure once there is one.

    key: what makes it this sale when all are looked for again. offers: SKUs with their
    first and last day, half-open on the shop's clock, and depth. days_since: from the
    close of the previous sale of its SKUs. result: each figure with its interval, or
    why it is unknown. uplift: lift ÷ baseline, for sorting.
    """

    key = models.CharField(max_length=80, unique=True)
    source = models.CharField(max_length=8, choices=[(s, s.label) for s in Source])
    name = models.CharField(max_length=120)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, null=True, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    offers = models.JSONField()
    skus = models.PositiveIntegerField()
    depth = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    days_since = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    uplift = models.FloatField(null=True)
    result = models.JSONField(default=dict)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-opens_at", "id"], name="past_sale_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="past_sale_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(source__in=[s.value for s in Source]),
                name="past_sale_source_is_known",
            ),
            models.CheckConstraint(
                condition=Q(depth=None) | Q(depth__gt=0, depth__lt=1),
                name="past_sale_depth_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(days_since=None) | Q(days_since__gte=0),
                name="past_sale_follows_the_previous",
            ),
            models.CheckConstraint(condition=Q(skus__gte=1), name="past_sale_has_skus"),
            models.CheckConstraint(
                condition=Q(source="hand", by__isnull=False)
                | (~Q(source="hand") & Q(by=None)),
                name="past_sale_by_hand_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Study(models.Model):
    """When all past sales are to be measured again, and when they were; one row."""

    wanted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="study_is_one"),
        ]

    @property
    def pending(self) -> bool:
        """True while it is wanted, or under way."""
        if self.wanted_at is None:
            return False
        return self.done_at is None or self.done_at < self.wanted_at
