"""The last change of a plan's lines, kept so that it can be taken back once."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from console.campaigns.models.campaign import Campaign


class Undo(models.Model):
    """What was done last to the lines of a plan; the next change takes its place.

    settled: the change is done, and its rows say what it left. The `made` lines that
    were not there before are those with keys above `last_line`, up to `until_line`.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="undo"
    )
    what = models.CharField(max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    last_line = models.BigIntegerField(help_text="The highest line before it.")
    until_line = models.BigIntegerField(
        default=0, db_default=0, help_text="The highest it made."
    )
    made = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Lines it made."
    )
    settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        """What was done."""
        return self.what


class UndoRow(models.Model):
    """One line as it was before; without prices it was not there.

    A foreign key would be looked up for each of 50,000 rows, all of the one undo whose
    row the writer holds.

    source_id: the filter it had its price from, which may be gone since.
    after: the version the change left it at; null if it took the line out.
    """

    undo = models.ForeignKey(
        Undo,
        on_delete=models.CASCADE,
        related_name="rows",
        db_index=False,
        db_constraint=False,
    )
    sku_id = models.IntegerField()
    regular_price = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    sale_price = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    units = models.PositiveIntegerField(default=0)
    buffer = models.PositiveIntegerField(default=0)
    price_confirmed = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    source_id = models.BigIntegerField(null=True)
    source_price = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    after = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["undo", "sku_id"], name="undo_once_a_line"),
        ]

    def __str__(self) -> str:
        """Whose undo, and which SKU."""
        return f"{self.undo_id} · {self.sku_id}"
