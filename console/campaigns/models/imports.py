"""A sheet of lines on its way in: the file, how far it is, and each row's fate."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.campaigns.models.campaign import Campaign


class ImportJob(models.Model):
    """One uploaded sheet: first tried row by row, then applied once confirmed."""

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

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="imports"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    file = models.FileField(upload_to="imports/")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    mode = models.CharField(max_length=5, choices=Mode, blank=True)
    total = models.PositiveIntegerField(default=0, help_text="Rows in the sheet.")
    checked = models.PositiveIntegerField(default=0, help_text="Rows tried so far.")
    bulk = models.BooleanField(
        default=False, help_text="Large: staged by COPY and judged by SQL."
    )
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="import_at_work",
                condition=Q(state__in=["checking", "applying"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sha256"],
                condition=Q(state__in=["checking", "checked", "applying"]),
                name="import_same_file_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(checked__lte=F("total")),
                name="import_checks_no_more_than_there_is",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "applying", "done"])
                | Q(
                    total=F("created")
                    + F("updated")
                    + F("unchanged")
                    + F("skipped")
                    + F("failed")
                ),
                name="import_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        """The file's name."""
        return self.name

    @property
    def taken_in(self) -> str:
        """What is done to the lines once it is applied, as its undo says."""
        return f"Imported {self.name}"


class ImportRow(models.Model):
    """What one row of the sheet would do, or did.

    Of a large sheet, rows that change nothing are counted in their job only. A foreign
    key would be looked up for each of 50,000 rows, all of the one job whose row the
    writer holds.
    """

    class Outcome(models.TextChoices):
        """The fate of a row."""

        CREATED = "created", "New"
        UPDATED = "updated", "Changed"
        UNCHANGED = "unchanged", "Same"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Error"

    job = models.ForeignKey(
        ImportJob,
        on_delete=models.CASCADE,
        related_name="rows",
        db_index=False,
        db_constraint=False,
    )
    number = models.PositiveIntegerField(help_text="As a spreadsheet counts it.")
    sku = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome)
    raw = models.JSONField(default=dict, help_text="The cells of a bad row, as given.")
    changes = models.JSONField(default=dict, help_text="Field to [before, after].")
    errors = models.JSONField(default=dict, help_text="Column to sentence.")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "number"], name="import_row_told_once"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="failed") | ~Q(errors={}),
                name="import_row_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        """Row number and SKU."""
        return f"{self.number} {self.sku}"


class StagedRow(models.Model):
    """One row of a large sheet as it was read; kept until its job is over.

    The table is unlogged: after a crash of the database it is empty, and the rows are
    read from the file again.
    """

    pk = models.CompositePrimaryKey("job_id", "number")
    job = models.ForeignKey(
        ImportJob,
        on_delete=models.CASCADE,
        related_name="staged",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveIntegerField(help_text="As a spreadsheet counts it.")
    skip = models.TextField(help_text="Why the row is left out.")
    sku = models.TextField()
    regular_price = models.TextField()
    sale_price = models.TextField()
    units = models.TextField()
    buffer = models.TextField()
    problem = models.TextField(help_text="Column to sentence, as JSON.")
    product = models.TextField(help_text="What a new SKU is made from, as JSON.")
    raw = models.TextField(help_text="The cells as given, as JSON.")

    def __str__(self) -> str:
        """Row number and SKU."""
        return f"{self.number} {self.sku}"
