"""Counts that one person wrote down and another has yet to believe."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.stock.models.goods import Level


class PendingCount(models.Model):
    """What a level shall say, and who says so; open until somebody else decides.

    version: of the level as its counter saw it. was_on_hand, was_committed, was_buffer:
    what the level said then; all None where that was not kept. approved: None while it
    is open.
    """

    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    on_hand = models.IntegerField()
    committed = models.IntegerField()
    buffer = models.IntegerField()
    was_on_hand = models.IntegerField(null=True)
    was_committed = models.IntegerField(null=True)
    was_buffer = models.IntegerField(null=True)
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["level"],
                condition=Q(approved=None),
                name="pending_count_one_open_a_level",
            ),
            models.CheckConstraint(
                condition=~Q(approved=True) | ~Q(decided_by=F("by")),
                name="pending_count_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(approved=None, decided_by=None, decided_at=None)
                | Q(
                    approved__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="pending_count_decided_at_once",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0, committed__gte=0, buffer__gte=0),
                name="pending_count_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(was_on_hand=None, was_committed=None, was_buffer=None)
                | Q(
                    was_on_hand__isnull=False,
                    was_on_hand__gte=0,
                    was_committed__isnull=False,
                    was_committed__gte=0,
                    was_buffer__isnull=False,
                    was_buffer__gte=0,
                ),
                name="pending_count_knows_all_of_before_or_none",
            ),
        ]

    def __str__(self) -> str:
        """Which level, and what it shall have."""
        return f"{self.level}: {self.on_hand:,} on hand"
