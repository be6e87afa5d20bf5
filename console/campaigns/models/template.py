"""Templates: what a sale said, without its date, to be used on another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.campaigns.rules.shape import Shape, offset
from console.stock.rules.soldout import said_words


class Template(models.Model):
    """Terms and, if wished, lines of a sale; times as a wall clock and an offset.

    terms: fields of a campaign by name, JSON-safe, without its window, and under
    `sold_out` what shops do once units are gone (`stock.queries.sold_out_said`); none
    of it where the template is older. lines: SKU, prices, units and buffer of each.
    """

    name = models.CharField(max_length=80, unique=True)
    terms = models.JSONField()
    lines = models.JSONField(default=list)
    people = models.JSONField(default=dict, help_text="Contacts and war room.")
    opens = models.TimeField(help_text="On the wall clock of the sale's zone.")
    lasts = models.DurationField(help_text="From opening to end, on that wall clock.")
    made_from = models.CharField(max_length=20, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="template_has_a_name"),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name

    @property
    def shape(self) -> Shape:
        """When a sale made from it runs."""
        return Shape(self.opens, self.lasts)

    @property
    def sold_out(self) -> str:
        """What shops do once units are gone, in words; empty where nothing was kept."""
        return said_words(self.terms.get("sold_out", []))

    @property
    def ends(self) -> str:
        """`T+2h`."""
        return offset(self.lasts)
