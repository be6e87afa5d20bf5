"""A sheet of lines on its way in: the file, how far it is, and each row's fate."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.campaigns.models.campaign import Campaign
from console.sheets.job import SheetJob, Words, at_work_index, constraints
from console.words import count as counted


class ImportJob(SheetJob):
    """One uploaded sheet of lines."""

    words = Words("import", "importing", "imported", "the plan")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="imports"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    file = models.FileField(upload_to="imports/")
    options = models.JSONField(default=dict)
    bulk = models.BooleanField(
        default=False, help_text="Large: staged by COPY and judged by SQL."
    )
    skipped = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [at_work_index("import_at_work")]
        constraints = constraints(
            "import",
            same=["campaign", "sha256"],
            counts=["created", "updated", "unchanged", "skipped", "failed"],
        )

    @property
    def guessed(self) -> bool:
        """True while nobody has seen the end of a large file."""
        return self.bulk and super().guessed

    @property
    def outcome(self) -> str:
        """What was done."""
        if not self.changing:
            return "Nothing to change"
        return f"Imported {counted(self.changing, 'row')}"

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
