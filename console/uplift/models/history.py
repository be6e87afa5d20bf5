"""The order history a retailer brought: files, lines, demand by day and hour."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.campaigns.models.wallclock import WallClock


class HistoryFile(models.Model):
    """One uploaded file: what it is, how far it was read, and what became of its rows.

    seen: rows read so far, and the place a new worker reads on from. known: rows that
    another file, or this one, brought already. left: rows by the reason they are left
    out. The file itself is deleted once it is read, for it names customers.
    """

    class State(models.TextChoices):
        """Where it is; work is done in reading only."""

        READING = "reading"
        DONE = "done"
        FAILED = "failed"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    file = models.FileField(upload_to="history/", blank=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    zone = models.CharField(max_length=64, help_text="Of the clock its dates show.")
    day_first = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    headings = models.JSONField(default=list)
    seen = models.PositiveIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0, help_text="Bytes read so far.")
    sales = models.PositiveIntegerField(default=0)
    returns = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="Reason to rows left out.")
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="history_at_work",
                condition=Q(state="reading"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(state="failed"),
                name="history_same_file_once",
            ),
            models.CheckConstraint(
                condition=Q(seen=F("sales") + F("returns") + F("known") + F("left")),
                name="history_every_row_is_accounted_for",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""),
                name="history_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        """The file's name."""
        return self.name


class HistoryLine(models.Model):
    """One line of an order of the past, kept small. units: negative if returned.

    key: of what the row says, so the same row is there once whatever file brought it.
    customer: a keyed hash; who it was cannot be told from it.
    """

    key = models.BigIntegerField(primary_key=True)
    file = models.ForeignKey(
        HistoryFile, on_delete=models.PROTECT, related_name="lines"
    )
    sku = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    units = models.IntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=3)
    invoice = models.CharField(max_length=32)
    customer = models.BigIntegerField(null=True)
    country = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(units=0) & Q(price__gt=0), name="history_line_has_a_value"
            ),
            models.CheckConstraint(
                condition=~Q(sku="") & ~Q(invoice=""), name="history_line_has_a_sku"
            ),
        ]


class LeftOutRow(models.Model):
    """A row that was left out, as it was but for its customer, and why."""

    file = models.ForeignKey(
        HistoryFile, on_delete=models.CASCADE, related_name="left_out"
    )
    number = models.PositiveIntegerField(help_text="As a spreadsheet counts it.")
    reason = models.CharField(max_length=10)
    cells = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "number"], name="left_out_row_told_once"
            ),
        ]


class Demand(models.Model):
    """What was bought of a SKU in one stretch of the shop's clock; filled in SQL.

    orders: order lines, returns aside. units, revenue: of those. returned: units that
    came back.
    """

    pk = models.CompositePrimaryKey("sku", "at")
    sku = models.CharField(max_length=64)
    orders = models.PositiveIntegerField()
    units = models.PositiveBigIntegerField()
    returned = models.PositiveBigIntegerField()
    revenue = models.DecimalField(max_digits=30, decimal_places=3)

    class Meta:
        abstract = True


class DailyDemand(Demand):
    """By day. price, lowest: the median and the least of what small orders paid.

    None where there was no small order.
    """

    at = models.DateField(db_index=True)
    price = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    lowest = models.DecimalField(max_digits=14, decimal_places=3, null=True)


class HourlyDemand(Demand):
    """By hour, as the clock on the shop's wall shows it."""

    at = WallClock(db_index=True)
