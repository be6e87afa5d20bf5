"""Who decided what about which content."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.campaigns.models.campaign import Campaign


class Approval(models.Model):
    """One decision about one exact content; only ever added.

    verdict: also, of a moved end, `end` with `before` and `after` (ISO).
    """

    class Kind(models.TextChoices):
        """What was decided. Amend moves the end; change is any other amendment."""

        APPROVE = "approve"
        REJECT = "reject"
        AMEND = "amend"
        CHANGE = "change"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="approvals"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    content_hash = models.CharField(max_length=64)
    round = models.PositiveIntegerField(
        default=0, help_text="The campaign's; an approval counts in its own only."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    verdict = models.JSONField(default=dict, help_text="What the checks said.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="reject") | ~Q(reason=""),
                name="approval_rejects_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["campaign", "content_hash", "round", "by"],
                condition=Q(kind="approve"),
                name="approval_once_per_person_and_round",
            ),
        ]

    def __str__(self) -> str:
        """What was decided about which campaign."""
        return f"{self.kind} {self.campaign_id}"
