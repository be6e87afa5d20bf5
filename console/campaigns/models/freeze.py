"""Periods in which nothing may be armed: a code freeze, a stocktaking, a migration."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Freezes by when they hold."""

    def during(self, start: datetime, end: datetime) -> FreezeQuerySet:
        """Those that share an instant with [start, end), lifted ones left out."""
        found = self.filter(starts_at__lt=end, ends_at__gt=start, lifted_at=None)
        return found.order_by("starts_at", "pk")


class Freeze(models.Model):
    """`[starts_at, ends_at)` in which no sale may run or be armed; never deleted.

    category: of the campaigns it concerns; all of them if empty.
    """

    name = models.CharField(max_length=80)
    category = models.CharField(max_length=100, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="freeze_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="freeze_has_a_name"),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name
