"""What stands beside a plan: decisions written down, and sales it waits for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.campaigns.models.campaign import Campaign


class Decision(models.Model):
    """Something that was decided, in somebody's words; only ever added."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="decisions"
    )
    text = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="decision_says_what"),
        ]

    def __str__(self) -> str:
        """Its beginning."""
        return self.text[:80]


class Dependency(models.Model):
    """A sale that is not armed until another is over and put back."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="waits_for"
    )
    on = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="awaited_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "on"], name="dependency_once"),
            models.CheckConstraint(
                condition=~Q(campaign=F("on")), name="dependency_not_on_itself"
            ),
        ]

    def __str__(self) -> str:
        """Who waits for whom."""
        return f"{self.campaign_id} waits for {self.on_id}"
