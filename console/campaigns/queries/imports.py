"""An import as its page shows it: how far it is, and what each row would do."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, Value, When

from console.campaigns.models import ImportJob, ImportRow

PER_PAGE = 50
State, Outcome = ImportJob.State, ImportRow.Outcome
ORDER = [Outcome.FAILED, Outcome.CREATED, Outcome.UPDATED, Outcome.SKIPPED]


@dataclass(frozen=True)
class Preview:
    """A job with its counts, and one page of rows, bad ones first."""

    job: ImportJob
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    page: Page[ImportRow]
    same: ImportJob | None

    @property
    def changing(self) -> int:
        """Rows that would change something."""
        return self.created + self.updated

    @property
    def counted(self) -> bool:
        """True once a row was tried: no count says anything before."""
        return bool(self.changing + self.unchanged + self.skipped + self.failed)

    @property
    def asked(self) -> str:
        """What a person has to decide while rows are in error."""
        have = "row has an error" if self.failed == 1 else "rows have errors"
        told = f"{self.failed:,} {have}: correct the sheet and upload it again"
        if not self.changing:
            return f"{told}."
        return f"{told}, or import the {self.changing:,} that can be imported."

    @property
    def known(self) -> str:
        """What became of the very same sheet before; blank if it is new."""
        if self.same is None or self.same.finished_at is None or self.job.at_work:
            return ""
        on = self.same.finished_at.astimezone(ZoneInfo(self.job.campaign.zone))
        told = f"The same sheet was imported on {on.day} {on:%b %Y, %H:%M %Z}"
        if not self.changing:
            return f"{told}; nothing would change."
        if self.job.state != State.CHECKED:
            return f"{told} before."
        return f"{told}. Lines were changed since; importing it sets them back."

    @property
    def left_out(self) -> str:
        """What an import without its bad rows did not bring; blank if nothing."""
        if self.job.state != State.DONE or not self.failed:
            return ""
        rows = "row with an error" if self.failed == 1 else "rows with errors"
        return f"{self.failed:,} {rows} left out: correct and import only those."


def preview(job: ImportJob, *, page: str = "1") -> Preview:
    """The job as it stands."""
    whens = [When(outcome=o, then=Value(n)) for n, o in enumerate(ORDER)]
    rank = Case(*whens, default=Value(len(ORDER)), output_field=IntegerField())
    rows = job.rows.order_by(rank, "number")
    return Preview(
        job=job,
        page=Paginator(rows, PER_PAGE).get_page(page),
        same=_same(job),
        **_counts(job),
    )


def _counts(job: ImportJob) -> dict[str, int]:
    """Rows by outcome: of a job still being tried, those tried so far."""
    if job.state in (State.CHECKED, State.APPLYING, State.DONE):
        return {outcome.value: getattr(job, outcome.value) for outcome in Outcome}
    told = dict(job.rows.order_by().values_list("outcome").annotate(count=Count("pk")))
    return {outcome.value: told.get(outcome.value, 0) for outcome in Outcome}


def _same(job: ImportJob) -> ImportJob | None:
    """The last import of the very same sheet that changed something."""
    done = job.campaign.imports.filter(sha256=job.sha256, state=State.DONE)
    changed = done.filter(Q(created__gt=0) | Q(updated__gt=0), pk__lt=job.pk)
    return changed.order_by("-pk").first()
