"""Periods in which nothing may be armed: a code freeze, a stocktaking, a migration."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, IntegerField, OuterRef, Q

from console.campaigns.models.market import Market


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Freezes by when they hold."""

    def during(self, start: datetime, end: datetime) -> FreezeQuerySet:
        """Those that share an instant with [start, end), lifted ones left out."""
        found = self.filter(starts_at__lt=end, ends_at__gt=start, lifted_at=None)
        return found.order_by("starts_at", "pk")

    def named(self) -> FreezeQuerySet:
        """The same, each with the names of its markets."""
        there = Func(
            OuterRef("markets"),
            F("code"),
            function="array_position",
            output_field=IntegerField(),
        )
        rows = Market.objects.annotate(there=there).filter(there__isnull=False)
        return self.annotate(
            market_names=ArraySubquery(rows.order_by("name").values("name"))
        )


class Freeze(models.Model):
    """`[starts_at, ends_at)` in which no sale may run or be armed; never deleted.

    It concerns the campaigns of a category, all of them if empty, that sell in one of
    some markets, in any if there is none.
    """

    name = models.CharField(max_length=80)
    category = models.CharField(max_length=100, blank=True)
    markets = ArrayField(
        models.CharField(max_length=12),
        default=list,
        db_default=[],
        blank=True,
        help_text="Codes; every market if there is none.",
    )
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

    @property
    def concerns(self) -> str:
        """`Boots in France, Finland`, or either; nothing if it is every sale.

        Its markets by name where it was read by `named`, else by code.
        """
        there = ", ".join(getattr(self, "market_names", None) or self.markets)
        return " in ".join(filter(None, (self.category, there)))

    @property
    def label(self) -> str:
        """Its name, with what it concerns where that is not every sale."""
        return f"{self.name} ({self.concerns})" if self.concerns else self.name

    def __str__(self) -> str:
        """Its name."""
        return self.name
