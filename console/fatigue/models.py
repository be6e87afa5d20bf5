"""Audiences, and the versions of the policy that protects each."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from console.fatigue import rules
from console.fatigue.rules import Counts, Enforcement, Limits

_COUNTS = [(counts.value, counts.label) for counts in Counts]
_ENFORCEMENTS = [(kind.value, kind.label) for kind in Enforcement]


class Audience(models.Model):
    """People a sale is shown to, as one group that can tire."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    size = models.PositiveIntegerField(default=0, help_text="People, about.")

    def __str__(self) -> str:
        """Its name."""
        return self.name


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Versions by when they held."""

    def in_force(self, at: datetime) -> PolicyQuerySet:
        """Saved by then, the newest first."""
        return self.filter(since__lte=at).order_by("-version")

    def newest(self) -> PolicyQuerySet:
        """The newest first."""
        return self.order_by("-version")


class Policy(models.Model):
    """One version of an audience's policy; never changed, only followed by another.

    The database refuses UPDATE, DELETE and TRUNCATE, and a version out of turn
    (migration 0002). A campaign keeps the version it was approved under.
    """

    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="policies"
    )
    version = models.PositiveIntegerField()
    since = models.DateTimeField(help_text="In force from here on; not before.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    half_life_days = models.DecimalField(
        max_digits=5,
        decimal_places=1,
        default=rules.limits.HALF_LIFE_DAYS,
        validators=[MinValueValidator(0.1), MaxValueValidator(730)],
    )
    amber = models.PositiveSmallIntegerField(default=rules.limits.AMBER)
    red = models.PositiveSmallIntegerField(default=rules.limits.RED)
    min_gap_days = models.PositiveSmallIntegerField(default=rules.limits.MIN_GAP_DAYS)
    gap_counts = models.CharField(
        max_length=8, choices=_COUNTS, default=Counts.CALENDAR
    )
    max_sales = models.PositiveSmallIntegerField(default=rules.limits.MAX_SALES)
    window_days = models.PositiveSmallIntegerField(default=rules.limits.WINDOW_DAYS)
    window_counts = models.CharField(
        max_length=8, choices=_COUNTS, default=Counts.CALENDAR
    )
    min_depth_percent = models.PositiveSmallIntegerField(
        default=rules.limits.MIN_DEPTH_PERCENT
    )
    enforcement = models.CharField(
        max_length=8, choices=_ENFORCEMENTS, default=Enforcement.OVERRIDE
    )
    zone = models.CharField(max_length=64)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "version"], name="policy_version_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="policy_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(amber__gt=0, amber__lte=F("red")),
                name="policy_warns_before_it_blocks",
            ),
            models.CheckConstraint(
                condition=Q(half_life_days__gt=0), name="policy_score_decays"
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1), name="policy_window_has_days"
            ),
            models.CheckConstraint(
                condition=Q(min_depth_percent__lt=100), name="policy_depth_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        """`Everyone, version 7`."""
        return f"{self.audience}, version {self.version}"

    def limits(self) -> Limits:
        """The values the rules read."""
        return Limits(
            half_life_days=self.half_life_days,
            amber=self.amber,
            red=self.red,
            min_gap_days=self.min_gap_days,
            gap_counts=Counts(self.gap_counts),
            max_sales=self.max_sales,
            window_days=self.window_days,
            window_counts=Counts(self.window_counts),
            min_depth_percent=self.min_depth_percent,
            enforcement=Enforcement(self.enforcement),
            zone=self.zone,
        )
