"""What live keeps: samples of the board, alerts, and how the backend answered."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class Sample(models.Model):
    """The board of one campaign in one second, as every screen saw it."""

    campaign = models.CharField(max_length=20)
    at = models.DateTimeField(help_text="The second, without its fraction.")
    data = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["at"], name="sample_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "at"], name="sample_one_a_second"
            ),
        ]


class Alert(models.Model):
    """One cause, from when it began until it was over; told once, not every second."""

    campaign = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    tone = models.CharField(max_length=4)
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=500, blank=True)
    act = models.CharField(max_length=20, blank=True)
    about = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When the cause was last there.")
    closed_at = models.DateTimeField(null=True, blank=True)
    acked_at = models.DateTimeField(null=True, blank=True)
    acked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "-opened_at"], name="alert_of_campaign"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "key"],
                condition=Q(closed_at=None),
                name="alert_open_once",
            ),
            models.CheckConstraint(
                condition=Q(tone__in=["warn", "bad"]), name="alert_tone_is_known"
            ),
            models.CheckConstraint(
                condition=Q(acked_at=None, acked_by=None)
                | Q(acked_at__isnull=False, acked_by__isnull=False),
                name="alert_acked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """What it says."""
        return self.title

    @property
    def of_plan(self) -> bool:
        """True if its plan's page is where it is dealt with, running or not."""
        return self.act in ("review", "plan")


class Pulse(models.Model):
    """One answer of one part of the backend. ms: None where it gave none."""

    part = models.CharField(max_length=60)
    at = models.DateTimeField()
    state = models.CharField(max_length=10)
    ms = models.FloatField(null=True)
    note = models.CharField(max_length=300, blank=True)
    vital = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["at"], name="pulse_recent")]
        constraints = [
            models.UniqueConstraint(fields=["part", "at"], name="pulse_once"),
        ]
