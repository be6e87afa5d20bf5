"""The result of a closed sale, written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Result(models.Model):
    """What a sale came to when it closed; the database refuses to change it.

    hash: of `data`, as rules.seal spells it; the audit trail holds it as well.
    """

    campaign = models.CharField(max_length=20, unique=True)
    data = models.JSONField()
    hash = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(hash=""), name="result_is_sealed"),
        ]

    def __str__(self) -> str:
        """The campaign's code."""
        return self.campaign
