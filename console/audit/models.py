"""The trail: entries that only ever grow, and the head that says how far they go."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from console.audit import rules


class Entry(models.Model):
    """One decision: who did what to which object, when, why, and what changed.

    The database refuses UPDATE, DELETE and TRUNCATE (migration 0002).
    """

    position = models.PositiveBigIntegerField(
        unique=True, help_text="Place in the chain, from 1, without gaps."
    )
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: Doorbuster itself.",
    )
    actor_name = models.CharField(max_length=150, blank=True)
    verb = models.CharField(max_length=80, db_index=True)
    object_type = models.CharField(max_length=80, blank=True)
    object_id = models.CharField(max_length=200)
    object_label = models.CharField(max_length=200)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="entry_object")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(position__gte=1), name="entry_counts_from_one"
            ),
            models.UniqueConstraint(fields=["previous"], name="entry_never_forks"),
        ]

    def __str__(self) -> str:
        """The verb and its object."""
        return f"{self.verb} {self.object_label}"

    def content(self) -> dict[str, Any]:
        """Everything the hash covers besides the previous hash."""
        return {
            "position": self.position,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor_id,
            "actor_name": self.actor_name,
            "verb": self.verb,
            "object_type": self.object_type,
            "object_id": self.object_id,
            "object_label": self.object_label,
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
        }

    def linked(self) -> str:
        """The hash this row ought to have."""
        return rules.link(self.previous, self.content())

    def changes(self) -> list[tuple[str, str, str]]:
        """What changed, as (name, before, after) in words."""
        found = rules.changes(self.before, self.after)
        return [
            (name.replace("_", " "), rules.said(old), rules.said(new))
            for name, old, new in found
        ]


class Head(models.Model):
    """The end of the chain (one row), so that a removed tail is noticed too."""

    position = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="head_is_one_row")
        ]

    def __str__(self) -> str:
        """How long the chain is."""
        return f"{self.position} entries"
