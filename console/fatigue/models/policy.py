"""Audiences, what else can tire, and the versions of the policy of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from console.fatigue import rules
from console.fatigue.rules import Counts, Enforcement, Kind, Limits, Quiet

_COUNTS = [(counts.value, counts.label) for counts in Counts]
_ENFORCEMENTS = [(kind.value, kind.label) for kind in Enforcement]
_KINDS = [(kind.value, kind.label) for kind in Kind]


class Audience(models.Model):
    """People a sale is shown to, as one group that can tire."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    size = models.PositiveIntegerField(default=0, help_text="People, about.")

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Scope(models.Model):
    """One thing that can tire: see rules.Scope, whose values it keeps."""

    kind = models.CharField(max_length=10, choices=_KINDS)
    name = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=100, help_text="As people call it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="scope_is_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]),
                name="scope_kind_is_known",
            ),
            models.CheckConstraint(
                condition=(Q(kind="everything") & Q(name=""))
                | (~Q(kind="everything") & ~Q(name="")),
                name="scope_of_everything_has_no_name",
            ),
        ]

    def __str__(self) -> str:
        """Its label."""
        return self.label

    @property
    def value(self) -> rules.Scope:
        """The values the rules read."""
        return rules.Scope(Kind(self.kind), self.name)


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Versions by when they held."""

    def of(self, scopes: Iterable[rules.Scope]) -> PolicyQuerySet:
        """Those of these scopes themselves."""
        wanted = Q(pk=None)
        for kind, names in _by_kind(scopes).items():
            wanted |= Q(scope__kind=kind, scope__name__in=names)
        return self.filter(wanted).select_related("scope")

    def in_force(self, at: datetime) -> PolicyQuerySet:
        """Saved by then, the newest first."""
        return self.filter(since__lte=at).order_by("-version")

    def newest(self) -> PolicyQuerySet:
        """The newest first."""
        return self.order_by("-version")


def _by_kind(scopes: Iterable[rules.Scope]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for scope in scopes:
        found.setdefault(scope.kind, []).append(scope.name)
    return found


class Policy(models.Model):
    """One version of a scope's policy; never changed, only followed by another.

    The database refuses UPDATE, DELETE and TRUNCATE, and a version out of turn
    (migration 0002). A campaign keeps the version it was approved under.
    """

    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="policies")
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
    max_share_percent = models.PositiveSmallIntegerField(default=0)
    share_days = models.PositiveSmallIntegerField(default=rules.limits.SHARE_DAYS)
    min_depth_percent = models.PositiveSmallIntegerField(
        default=rules.limits.MIN_DEPTH_PERCENT
    )
    occasion_required = models.BooleanField(default=False)
    quiet = models.JSONField(default=list, blank=True)
    max_messages = models.PositiveSmallIntegerField(default=0)
    message_days = models.PositiveSmallIntegerField(default=rules.limits.MESSAGE_DAYS)
    message_counts = models.CharField(
        max_length=8, choices=_COUNTS, default=Counts.CALENDAR
    )
    email_gap_h = models.PositiveSmallIntegerField(default=0)
    push_gap_h = models.PositiveSmallIntegerField(default=0)
    enforcement = models.CharField(
        max_length=8, choices=_ENFORCEMENTS, default=Enforcement.OVERRIDE
    )
    zone = models.CharField(max_length=64)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "version"], name="policy_version_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="policy_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(amber__gt=0, amber__lte=F("red")) | Q(amber=0, red=0),
                name="policy_warns_before_it_blocks",
            ),
            models.CheckConstraint(
                condition=Q(half_life_days__gt=0), name="policy_score_decays"
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, share_days__gte=1, message_days__gte=1),
                name="policy_window_has_days",
            ),
            models.CheckConstraint(
                condition=Q(max_share_percent__lte=100), name="policy_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(min_depth_percent__lt=100), name="policy_depth_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        """`Everyone, version 7`."""
        return f"{self.scope}, version {self.version}"

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
            max_share_percent=self.max_share_percent,
            share_days=self.share_days,
            min_depth_percent=self.min_depth_percent,
            occasion_required=self.occasion_required,
            quiet=tuple(Quiet.read(told) for told in self.quiet),
            max_messages=self.max_messages,
            message_days=self.message_days,
            message_counts=Counts(self.message_counts),
            email_gap_h=self.email_gap_h,
            push_gap_h=self.push_gap_h,
            enforcement=Enforcement(self.enforcement),
            zone=self.zone,
        )
