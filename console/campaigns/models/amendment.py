"""Amendments: changes of an armed or live sale, each with its own approval."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.campaigns.models.campaign import Campaign
from console.campaigns.rules.amending import AmendmentState as State
from console.campaigns.rules.amending import LineChange

_STATES = [state.value for state in State]
_UNDECIDED = [State.PROPOSED.value, State.WITHDRAWN.value]
_GRANTED = [State.APPROVED.value, State.APPLIED.value, State.FAILED.value]


class Amendment(models.Model):
    """One proposed change of a sale that is under way, and what came of it.

    lines: LineChange, spelled. end: `before`, `after` (ISO, UTC), `local` (wall clock),
    or null. base_hash, base_version: the content it was proposed for; once the sale
    says something else it is void. verdict: what it would newly break.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="amendments"
    )
    number = models.PositiveIntegerField(help_text="Counts up within the campaign.")
    state = models.CharField(
        max_length=9, choices=[(s, s.label) for s in State], default=State.PROPOSED
    )
    lines = models.JSONField(default=list)
    end = models.JSONField(null=True)
    base_hash = models.CharField(max_length=64)
    base_version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    verdict = models.JSONField(default=list, help_text="Rules it would newly break.")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, help_text="Why it was decided so, or failed.")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_STATES), name="amendment_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["campaign", "number"], name="amendment_number_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "base_version"],
                condition=Q(state__in=_GRANTED),
                name="amendment_one_for_each_base",
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state=State.APPROVED),
                name="amendment_one_at_work",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_UNDECIDED)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="amendment_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_GRANTED) | ~Q(decided_by=F("proposed_by")),
                name="amendment_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "failed"]) | ~Q(answer=""),
                name="amendment_refused_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        """Which campaign's, and its number."""
        return f"{self.campaign.code} amendment {self.number}"

    @property
    def changes(self) -> list[LineChange]:
        """Its lines, before and after."""
        return [LineChange.read(one) for one in self.lines]

    @property
    def step_prefix(self) -> str:
        """How the names of its steps begin."""
        return f"amend-{self.number}"

    def told(self) -> dict[str, Any]:
        """What the trail keeps of it."""
        return {
            "amendment": self.number,
            "content": self.content_hash,
            "skus": [one["sku"] for one in self.lines][:100],
            "end": self.end and self.end["after"],
        }
