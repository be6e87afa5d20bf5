"""Sheets of lines: upload, watch, apply or cancel, and the bad rows out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Schema, UploadedFile
from pydantic import Field

from console.campaigns.api.base import EDIT, routes
from console.campaigns.models import ImportJob, ImportRow
from console.campaigns.operations import imports as operations
from console.campaigns.queries.imports import Preview, preview
from console.campaigns.sheets import Options
from console.campaigns.views import imports as pages
from console.campaigns.views.asked import actor
from console.shell.rest.routes import file_answer
from console.shell.rest.shapes import Given, Paged, paged

PATH = "/campaigns/{code}/imports"
ONE = PATH + "/{int:job}"


class RowOut(Schema):
    """What one row would do, or did. number: as a spreadsheet counts it."""

    number: int
    sku: str
    outcome: str
    changes: dict[str, Any]
    errors: dict[str, str]
    note: str


class JobOut(Schema):
    """How far a sheet is. state: checking, checked, applying, done, failed, cancelled.

    In `checked` it waits for apply or cancel. rows: the bad ones first.
    """

    id: int
    name: str
    state: str
    total: int
    checked: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    error: str
    created_at: datetime
    finished_at: datetime | None
    rows: Paged[RowOut]


def _job(code: str, job: int) -> ImportJob:
    return get_object_or_404(ImportJob, pk=job, campaign__code=code)


def _out(found: Preview) -> JobOut:
    job = found.job
    counts = ("created", "updated", "unchanged", "skipped", "failed")
    same = ("name", "state", "total", "checked", "error", "created_at", "finished_at")
    return JobOut(
        id=job.pk,
        rows=paged(found.page, _row),
        **{name: getattr(found, name) for name in counts},
        **{name: getattr(job, name) for name in same},
    )


def _row(row: ImportRow) -> RowOut:
    return RowOut(**{name: getattr(row, name) for name in RowOut.model_fields})


@routes.acts(PATH, EDIT, JobOut, status=202)
def import_(
    request: HttpRequest,
    code: str,
    file: Annotated[UploadedFile, File(description="CSV or XLSX.")],
    percent_off: Annotated[Decimal, Form(ge=1, le=95)] = Decimal(20),
    make_skus: Annotated[bool, Form()] = False,
) -> JobOut:
    """Upload a sheet of lines; it is tried row by row, and waits to be applied."""
    job = operations.start(
        code,
        file,
        options=Options(str(percent_off), make_skus),
        actor=actor(request),
        now=timezone.now(),
    )
    return _out(preview(job))


@routes.reads(ONE, JobOut)
def import_job(request: HttpRequest, code: str, job: int, page: int = 1) -> JobOut:
    """Read how far an import is, and what each row would do."""
    return _out(preview(_job(code, job), page=str(page)))


class Mode(Given):
    """What to do about bad rows: nothing is imported, or the valid ones are."""

    mode: Literal["all", "valid"] = Field("all")


@routes.acts(ONE + "/apply", EDIT, JobOut, status=202)
def import_apply(request: HttpRequest, code: str, job: int, body: Mode) -> JobOut:
    """Have a tried sheet imported."""
    found = operations.confirm(_job(code, job).pk, mode=body.mode, actor=actor(request))
    return _out(preview(found))


@routes.acts(ONE + "/cancel", EDIT, JobOut)
def import_cancel(request: HttpRequest, code: str, job: int) -> JobOut:
    """Give an import up; nothing was changed."""
    given_up = operations.cancel(
        _job(code, job).pk, actor=actor(request), now=timezone.now()
    )
    return _out(preview(given_up))


@routes.reads(ONE + "/errors.csv", extra=file_answer("text/csv", "The bad rows"))
def import_errors(request: HttpRequest, code: str, job: int) -> StreamingHttpResponse:
    """Only the bad rows, as they were, with what is wrong."""
    return pages.errors(request, code, job)
