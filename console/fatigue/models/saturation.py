"""How an audience answers: what its senders measured, day by day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.fatigue.models.policy import Audience


class Saturation(models.Model):
    """What was measured of an audience on one day, as it was known at an instant.

    Only ever added: the database refuses UPDATE, DELETE and TRUNCATE. The same day told
    again is another row, and counts from its own instant on.
    """

    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="saturation"
    )
    day = models.DateField()
    unsubscribe = models.FloatField(null=True, help_text="Share of messages, 0 to 1.")
    complaint = models.FloatField(null=True, help_text="Share of messages, 0 to 1.")
    engagement = models.FloatField(null=True, help_text="Share of messages, 0 to 1.")
    source = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(help_text="Known from here on; not before.")

    class Meta:
        indexes = [
            models.Index(fields=["audience", "day"], name="saturation_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(unsubscribe=None) | Q(unsubscribe__range=(0, 1)))
                & (Q(complaint=None) | Q(complaint__range=(0, 1)))
                & (Q(engagement=None) | Q(engagement__range=(0, 1))),
                name="saturation_rates_are_shares",
            ),
            models.CheckConstraint(
                condition=~Q(unsubscribe=None, complaint=None, engagement=None),
                name="saturation_says_something",
            ),
        ]

    def __str__(self) -> str:
        """Whose, and of which day."""
        return f"{self.audience_id}, {self.day:%d %b %Y}"
