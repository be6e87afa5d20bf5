"""Importing a history: upload, watch it being read, what was left out, take it out."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.audit.rules import cell
from console.campaigns.views.asked import HtmxHttpRequest, actor
from console.shell.show import done, show
from console.uplift.forms import HistoryForm
from console.uplift.models import HistoryFile
from console.uplift.operations import imports
from console.uplift.queries import files


@require_safe
def histories(request: HttpRequest) -> HttpResponse:
    """Show the imported histories."""
    return show(request, "uplift/histories.html", {"files": files.files()})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HtmxHttpRequest) -> HttpResponse:
    """Take a history in and lead to its progress."""
    form = HistoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        job = imports.start(
            data["file"],
            zone=data["zone"],
            day_first=data["day_first"],
            actor=actor(request),
            now=timezone.now(),
        )
        there = reverse("uplift:history_file", args=[job.pk])
        return done(request, f"Reading {job}", to=there, tone="info")
    status = 422 if form.errors else 200
    return show(request, "uplift/import.html", {"form": form}, status=status)


@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a file is, and what became of its rows."""
    file = get_object_or_404(HistoryFile.objects.select_related("by"), pk=pk)
    return show(request, "uplift/history.html", {"told": files.progress(file)})


@require_safe
def left_out(_request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Every row that was left out, as it was but for its customer, and why."""
    file = get_object_or_404(HistoryFile, pk=pk)
    reply = StreamingHttpResponse(_csv(file), content_type="text/csv; charset=utf-8")
    name = f"history-{file.pk}-left-out.csv"
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


class _Line:
    """A file for `csv.writer` that gives each line back."""

    def write(self, text: str) -> str:
        return text


def _csv(file: HistoryFile) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in files.left_out(file):
        yield str(writer.writerow([cell(text) for text in row]))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out everything a file brought."""
    file = get_object_or_404(HistoryFile, pk=pk)
    imports.remove(pk, actor=actor(request), now=timezone.now())
    return done(request, f"Took out {file}", to=reverse("uplift:histories"))
