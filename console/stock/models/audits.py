"""Whether the balances were the sum of the ledger, each time it was looked at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console import words


class AuditRun(models.Model):
    """One look at every balance: how long it took, at how many entries, what differed.

    wrong: balances that differed; violations: the first of them.
    """

    at = models.DateTimeField()
    ms = models.IntegerField()
    entries = models.BigIntegerField()
    wrong = models.IntegerField()
    violations = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="audit_run_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ms__gte=0, entries__gte=0, wrong__gte=0),
                name="audit_run_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(wrong=0, violations=[])
                | (Q(wrong__gt=0) & ~Q(violations=[])),
                name="audit_run_names_what_is_wrong",
            ),
        ]


class Rebuild(models.Model):
    """A plan to set balances to what the ledger says: proposed by one, done by another.

    plan: each balance with what it is and what it would be. hash: of the plan, so that
    what is approved is what was seen.
    """

    plan = models.JSONField()
    hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="rebuild_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="rebuild_approved_at_once",
            ),
            models.CheckConstraint(condition=~Q(plan=[]), name="rebuild_has_a_plan"),
        ]

    def __str__(self) -> str:
        """How many balances it sets."""
        return f"Rebuild {self.pk} of {words.count(len(self.plan), 'balance')}"
