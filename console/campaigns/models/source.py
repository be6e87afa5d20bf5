"""Filters a plan took its lines from, and what they matched when it was approved."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from console.campaigns.models.campaign import Campaign
from console.campaigns.rules.sources import Source, SourceKind
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import Method
from console.stock.models import Sku


class SourceFilter(models.Model):
    """One filter of the catalogue, and the price it gives.

    A sale has the lines it has: what matches later is never discounted by itself.
    passed_over: keys of SKUs that matched at the approval and were left out then.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="sources"
    )
    kind = models.CharField(max_length=8, choices=[(k, k.label) for k in SourceKind])
    value = models.CharField(max_length=100)
    method = models.CharField(max_length=20, choices=[(m, m.label) for m in Method])
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    charm = models.CharField(max_length=2, blank=True)
    units = models.PositiveIntegerField()
    buffer = models.PositiveIntegerField(default=0)
    passed_over = ArrayField(models.IntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "value"], name="source_filter_once"
            ),
            models.CheckConstraint(
                condition=~Q(value=""), name="source_filter_names_something"
            ),
            models.CheckConstraint(
                condition=Q(units__gt=models.F("buffer")),
                name="source_filter_buffer_leaves_some",
            ),
        ]

    def __str__(self) -> str:
        """`Boots` or `SKU begins with HGN`."""
        if self.kind == SourceKind.PREFIX:
            return f"SKU begins with {self.value}"
        return self.value

    @property
    def pricing(self) -> Pricing:
        """How it sets prices."""
        return Pricing(Method(self.method), self.amount, Charm(self.charm))

    @property
    def said(self) -> Source:
        """The values the rules read."""
        kind = SourceKind(self.kind)
        return Source(kind, self.value, self.pricing, self.units, self.buffer)

    @property
    def matching(self) -> models.QuerySet[Sku]:
        """The SKUs that match it now."""
        if self.kind == SourceKind.CATEGORY:
            return Sku.objects.filter(category=self.value)
        if self.kind == SourceKind.BRAND:
            return Sku.objects.filter(brand=self.value)
        return Sku.objects.filter(code__startswith=self.value)
