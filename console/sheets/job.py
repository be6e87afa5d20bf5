"""What is known of every sheet on its way in, whichever room it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


@dataclass(frozen=True)
class Words:
    """How a room names what becomes of a sheet in the end.

    target: what a sheet without news would not change.
    """

    do: str
    doing: str
    done: str
    target: str


class SheetJob(models.Model):
    """One uploaded sheet: first tried, which changes nothing, then written if told to.

    A room adds whose it is, its file, and what else it counts; the rows that were read
    wait in a table of its own, as `staged`. leases: what this worker had before the one
    it has now; a rollback brings one of them back.
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

    words: ClassVar[Words]
    leases: tuple[datetime | None, ...] = ()
    if TYPE_CHECKING:
        file: models.FileField
        staged: Any

    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    mode = models.CharField(max_length=5, choices=Mode, blank=True)
    total = models.PositiveIntegerField(default=0, help_text="Rows in the sheet.")
    checked = models.PositiveIntegerField(default=0, help_text="Rows tried so far.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """The file's name."""
        return self.name

    @property
    def changing(self) -> int:
        """Rows that would change something, or did."""
        return self.created + self.updated

    @property
    def has_news(self) -> bool:
        """True if there is anything to be written."""
        return bool(self.changing)

    @property
    def at_work(self) -> bool:
        """True while a worker has something to do."""
        return self.state in (self.State.CHECKING, self.State.APPLYING)

    @property
    def guessed(self) -> bool:
        """True while nobody has seen the end of the file."""
        return self.state == self.State.CHECKING

    @property
    def blank(self) -> bool:
        """True of a sheet that was read, and has no row below its headings."""
        return not self.total and self.state in (self.State.CHECKED, self.State.DONE)

    @property
    def length(self) -> str:
        """`about 2,000 rows` while they are being read, `1 row` afterwards."""
        if not self.total and self.at_work:
            return ""
        about = "about " if self.guessed else ""
        return f"{about}{self.total:,} row{'' if self.total == 1 else 's'}"

    @property
    def percent(self) -> float:
        """How far the rows were tried."""
        return 100 * self.checked / self.total if self.total else 0.0


def at_work_index(name: str) -> models.Index:
    """Finds the jobs a worker should be at."""
    at_work = Q(state__in=["checking", "applying"])
    return models.Index(fields=["lease_until"], name=name, condition=at_work)


def constraints(
    name: str, *, same: list[str], counts: list[str]
) -> list[models.BaseConstraint]:
    """What is true of every job; the names of the constraints begin with `name`.

    same: what makes two sheets under way the same. counts: the columns whose sum is
    all rows, once they were tried.
    """
    every: Combinable = reduce(add, map(F, counts))
    return [
        models.UniqueConstraint(
            fields=same,
            condition=Q(state__in=["checking", "checked", "applying"]),
            name=f"{name}_same_file_once_at_a_time",
        ),
        models.CheckConstraint(
            condition=Q(checked__lte=F("total")),
            name=f"{name}_checks_no_more_than_there_is",
        ),
        models.CheckConstraint(
            condition=~Q(state__in=["checked", "applying", "done"]) | Q(total=every),
            name=f"{name}_counts_every_row",
        ),
    ]
