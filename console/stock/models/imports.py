"""A sheet of levels on its way in: the file, how far it is, and its bad rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class LevelImport(models.Model):
    """One uploaded sheet: first tried, which changes nothing, then written if told to.

    created, updated, unchanged, failed: rows. pending: rows that wait for a second
    person. described: SKUs it says something new of. more, less: units on hand it adds,
    and takes off.
    """

    class State(models.TextChoices):
        """Where the job is; work is done in checking and applying only."""

        CHECKING = "checking"
        CHECKED = "checked"
        APPLYING = "applying"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Mode(models.TextChoices):
        """What to do about bad rows."""

        ALL = "all", "All or nothing"
        VALID = "valid", "Valid rows only"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    file = models.FileField(upload_to="levels/")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    mode = models.CharField(max_length=5, choices=Mode, blank=True)
    total = models.PositiveIntegerField(default=0, help_text="Rows in the sheet.")
    checked = models.PositiveIntegerField(default=0, help_text="Rows read so far.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    pending = models.PositiveIntegerField(default=0)
    described = models.PositiveIntegerField(default=0)
    more = models.BigIntegerField(default=0)
    less = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="level_import_at_work",
                condition=Q(state__in=["checking", "applying"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(state__in=["checking", "checked", "applying"]),
                name="level_import_same_file_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(checked__lte=F("total")),
                name="level_import_checks_no_more_than_there_is",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "applying", "done"])
                | Q(
                    total=F("created")
                    + F("updated")
                    + F("unchanged")
                    + F("failed")
                    + F("pending")
                ),
                name="level_import_counts_every_row",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""),
                name="level_import_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        """The file's name."""
        return self.name

    @property
    def changing(self) -> int:
        """Rows that would change a level."""
        return self.created + self.updated

    @property
    def at_work(self) -> bool:
        """True while a worker has something to do."""
        return self.state in (self.State.CHECKING, self.State.APPLYING)

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
