"""Units that were neither for sale nor sold, each time it was looked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class UndersellRun(models.Model):
    """One look for stuck units: how long it took, how many, and where.

    findings: the first of them; units: of all.
    """

    at = models.DateTimeField()
    ms = models.IntegerField()
    units = models.IntegerField()
    findings = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="undersell_run_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ms__gte=0, units__gte=0),
                name="undersell_run_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(units=0, findings=[]) | (Q(units__gt=0) & ~Q(findings=[])),
                name="undersell_run_names_what_is_stuck",
            ),
        ]
