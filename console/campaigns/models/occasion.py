"""What justifies a sale: a launch, a holiday, an event."""

from __future__ import annotations

from django.db import models


class Occasion(models.Model):
    """The launch, holiday or event that justifies a sale."""

    name = models.CharField(max_length=80)
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "on"], name="occasion_once_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        """Name and day: `Black Friday, Fri 27 Nov 2026`."""
        return f"{self.name}, {self.on:%a} {self.on.day} {self.on:%b %Y}"
