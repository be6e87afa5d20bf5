"""Importing lines: upload, watch it being tried, confirm or give up, bad rows out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns import queries
from console.campaigns.forms import UploadForm
from console.campaigns.models import ImportJob, ImportRow
from console.campaigns.operations import imports
from console.campaigns.operations.changes import within_reach
from console.campaigns.queries.imports import preview
from console.campaigns.sheets import OURS, Options
from console.campaigns.views.asked import HtmxHttpRequest, actor
from console.campaigns.views.lines import undo_address
from console.sheets.pages import bad_rows, mode_of
from console.shell.show import done, show


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Take a sheet and lead to its preview."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        job = imports.start(
            code,
            data["file"],
            options=Options(str(data["percent_off"] or 20), data["make_skus"]),
            actor=actor(request),
            now=timezone.now(),
        )
        there = reverse("campaigns:import_job", args=[code, job.pk])
        return done(request, f"Trying {job.name}", to=there, tone="info")
    context = {"campaign": queries.head(code), "form": form, "tab": "plan"}
    status = 422 if form.errors else 200
    return show(request, "campaigns/import.html", context, status=status)


@require_safe
def job(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show how far an import is, and what each row would do."""
    head, found = queries.head(code), _job(code, pk)
    over = found.state == ImportJob.State.DONE
    context = {
        "campaign": head,
        "within": within_reach(actor(request), head.campaign),
        "tab": "plan",
        "preview": preview(found, page=request.GET.get("page", "1")),
        "modes": ImportJob.Mode.choices,
        "undo": undo_address(code, what=found.taken_in) if over else "",
    }
    return show(request, "campaigns/import_job.html", context)


def _job(code: str, pk: int) -> ImportJob:
    return get_object_or_404(ImportJob, pk=pk, campaign__code=code)


@require_POST
def apply(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Have the good rows imported."""
    job = _job(code, pk)
    imports.confirm(job.pk, mode=mode_of(request), actor=actor(request))
    there = reverse("campaigns:import_job", args=[code, pk])
    return done(request, f"Importing {job.name}", to=there, tone="info")


@require_POST
def cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Give an import up; nothing was changed."""
    imports.cancel(_job(code, pk).pk, actor=actor(request), now=timezone.now())
    there = reverse("campaigns:plan", args=[code])
    return done(request, "Import given up, nothing was changed", to=there, tone="info")


@require_safe
def errors(_request: HttpRequest, code: str, pk: int) -> StreamingHttpResponse:
    """Only the bad rows, as they were, with what is wrong, to be corrected."""
    job = _job(code, pk)
    bad = job.rows.filter(outcome="failed").order_by("number").iterator()
    rows = ((row.number, _problem(row), row.raw) for row in bad)
    return bad_rows(f"{code}-bad-rows.csv", job, rows, ours=OURS)


def _problem(row: ImportRow) -> str:
    return " ".join(f"{name}: {text}" for name, text in row.errors.items())
