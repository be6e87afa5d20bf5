"""What the frame itself keeps: signs of life, and answers that may be asked again."""

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


class Answer(models.Model):
    """What a request with a key was answered, for whoever repeats it within a day.

    who: the token or the person; keys of different callers never meet.
    """

    who = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    digest = models.BinaryField(help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["who", "key"], name="answer_once_per_key"),
        ]

    def __str__(self) -> str:
        """Whose key it is."""
        return f"{self.who} {self.key}"
