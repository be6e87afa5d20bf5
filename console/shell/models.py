"""What the frame itself keeps: when each part of the stack was last heard of."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one part of the stack."""

    name = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField(help_text="When it was last heard of.")
    note = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        """The part's name."""
        return self.name
