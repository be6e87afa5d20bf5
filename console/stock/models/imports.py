"""A sheet of levels on its way in: the file, how far it is, and its bad rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.sheets.job import SheetJob, Words, at_work_index, constraints
from console.words import count as counted


class LevelImport(SheetJob):
    """One uploaded sheet of levels.

    created, updated, unchanged, failed: rows. pending: rows that wait for a second
    person. described: SKUs it says something new of. more, less: units on hand it adds,
    and takes off.
    """

    words = Words("write", "writing", "written", "a level")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    file = models.FileField(upload_to="levels/")
    pending = models.PositiveIntegerField(default=0)
    described = models.PositiveIntegerField(default=0)
    more = models.BigIntegerField(default=0)
    less = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [at_work_index("level_import_at_work")]
        constraints = [
            *constraints(
                "level_import",
                same=["sha256"],
                counts=["created", "updated", "unchanged", "failed", "pending"],
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""),
                name="level_import_failed_says_why",
            ),
        ]

    @property
    def has_news(self) -> bool:
        """True if a level, a proposal or the goods themselves would change."""
        return bool(self.changing or self.pending or self.described)

    @property
    def outcome(self) -> str:
        """What was done."""
        if not self.has_news:
            return "Nothing to change"
        return f"{counted(self.changing, 'level')} written"

    def left(self, now: datetime) -> timedelta | None:
        """How long reading takes from here on, if it goes on like this."""
        if not self.checked or self.began_at is None or self.checked >= self.total:
            return None
        return (now - self.began_at) * (self.total - self.checked) / self.checked


class BadLevel(models.Model):
    """One row of a sheet of levels that cannot be written, as it was, and why."""

    job = models.ForeignKey(
        LevelImport, on_delete=models.CASCADE, related_name="bad", db_index=False
    )
    number = models.PositiveIntegerField(help_text="As a spreadsheet counts it.")
    sku = models.CharField(max_length=200, blank=True)
    location = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=40, blank=True)
    message = models.TextField()
    raw = models.JSONField(default=dict, help_text="The cells as given.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "number"], name="bad_level_told_once"
            ),
            models.CheckConstraint(condition=~Q(message=""), name="bad_level_says_why"),
        ]

    def __str__(self) -> str:
        """Row number and SKU."""
        return f"{self.number} {self.sku}"


class StagedLevel(models.Model):
    """One row of a sheet of levels as it was read; kept until its job is over.

    The table is unlogged: after a crash of the database it is empty, and the rows are
    read from the file again.
    """

    pk = models.CompositePrimaryKey("job_id", "number")
    job = models.ForeignKey(
        LevelImport,
        on_delete=models.CASCADE,
        related_name="staged",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveIntegerField()
    sku = models.TextField()
    location = models.TextField()
    on_hand = models.IntegerField()
    committed = models.IntegerField()
    buffer = models.IntegerField()
    version = models.IntegerField(null=True)
    perishable = models.BooleanField(null=True)
    since = models.DateField(null=True)
    unknown = models.BooleanField()
    problem = models.TextField(help_text="Column to sentence, as JSON.")
    raw = models.TextField(help_text="The cells as given, as JSON.")

    def __str__(self) -> str:
        """Row number and SKU."""
        return f"{self.number} {self.sku}"
