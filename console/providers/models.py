"""Connections: where an outside system is, and how to speak to it."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from console.providers.crypto import SealedField

TIMEOUT_MOST_S = 10


class Connection(models.Model):
    """One account at one outside system; named by steps, so the name never changes."""

    name = models.SlugField(max_length=40, unique=True)
    driver = models.CharField(max_length=60)
    base_url = models.URLField(max_length=300)
    secret = SealedField(blank=True, default="")
    webhook_secret = SealedField(
        blank=True, default="", help_text="Signs what it sends to us; newest first."
    )
    options = models.JSONField(default=dict, blank=True)
    timeout_s = models.FloatField(
        default=5,
        validators=[MinValueValidator(0.1), MaxValueValidator(TIMEOUT_MOST_S)],
        help_text="Bounds one whole call.",
    )
    enabled = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_ok = models.BooleanField(null=True, editable=False)
    test_ms = models.FloatField(null=True, editable=False)
    test_note = models.CharField(max_length=300, blank=True, editable=False)
    secret_set_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(timeout_s__gt=0, timeout_s__lte=TIMEOUT_MOST_S),
                name="connection_timeout_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(secret="") | Q(secret__startswith="v1."),
                name="connection_secret_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(webhook_secret="") | Q(webhook_secret__startswith="v1."),
                name="connection_webhook_secret_is_sealed",
            ),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name
