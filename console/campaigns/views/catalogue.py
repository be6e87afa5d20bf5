"""The catalogue: a page of it, in from a sheet, and out as a file."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from console.campaigns.catalogue.columns import export
from console.campaigns.catalogue.reading import read
from console.campaigns.forms.catalogue import CatalogueSheet
from console.campaigns.operations import BadRows, Brought, update_catalogue
from console.campaigns.queries.catalogue import catalogue as listed
from console.campaigns.queries.catalogue import skus
from console.campaigns.queries.places import channels
from console.campaigns.sheets import WrongColumns
from console.campaigns.views.asked import actor
from console.shell import files
from console.shell.parts import asks_for_part
from console.shell.show import show
from console.shell.spreadsheets import UnreadableSheet

CHANGED = "catalogue-changed"
MOST_SHOWN = 50


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the SKUs that are asked for, page by page."""
    return show(request, "campaigns/catalogue.html", _page(request, CatalogueSheet()))


def _page(request: HttpRequest, form: CatalogueSheet) -> dict[str, Any]:
    text = request.GET.get("q", "").strip()
    page = listed(text, page=request.GET.get("page", 1))
    return {"page": page, "find": text, "form": form}


@require_POST
def update(request: HttpRequest) -> HttpResponse:
    """Look what a sheet changes, or bring it in, and tell the counts or the bad rows.

    htmx gets this alone, so that the file stays chosen.
    """
    form = CatalogueSheet(request.POST, request.FILES)
    told = _told(request, form)
    status = 200 if "did" in told else 422
    if not asks_for_part(request):
        context = _page(request, form) | told
        return render(request, "campaigns/catalogue.html", context, status=status)
    reply = render(request, "campaigns/_catalogue_told.html", told, status=status)
    written = "did" in told and not told["only_look"]
    return trigger_client_event(reply, CHANGED) if written else reply


def _told(request: HttpRequest, form: CatalogueSheet) -> dict[str, Any]:
    """What the sheet did, or why it did nothing."""
    if not form.is_valid():
        return {"refused": " ".join(str(said[0]) for said in form.errors.values())}
    look, currency = form.cleaned_data["only_look"], form.cleaned_data["currency"]
    file = form.cleaned_data["file"]
    try:
        did = bring_in(request, file, currency=currency, only_look=look)
    except BadRows as refused:
        rows, cells = refused.detail["rows"][:MOST_SHOWN], refused.detail["cells"]
        return {"refused": _short(refused), "wrong": rows, "cells": cells}
    except (UnreadableSheet, WrongColumns) as refused:
        return {"refused": refused.message}
    return {"did": did, "only_look": look}


def _short(refused: BadRows) -> str:
    """How many rows are wrong; each cell stands in the table below."""
    many, _, _ = refused.message.partition(". ")
    return f"{many}. Correct the cells below and read the sheet again."


def bring_in(
    request: HttpRequest, file: UploadedFile[Any], *, currency: str, only_look: bool
) -> Brought:
    """Bring in a sheet that somebody sent. currency: of a Shopify export.

    Raises:
        UnreadableSheet, WrongColumns: the file is bad as a whole.
        BadRows: some of its rows are; nothing was changed.
        OutOfScope: it has SKUs the person may not change.
    """
    rows, bad = read(file, dict(channels()), currency)
    return update_catalogue(
        rows,
        bad,
        file=str(file.name or ""),
        only_look=only_look,
        actor=actor(request),
        now=timezone.now(),
    )


@require_safe
def download(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The SKUs that are asked for as CSV or XLSX, to be brought in again."""
    return file(request.GET.get("q", "").strip(), form)


def file(text: str, form: str) -> StreamingHttpResponse:
    """A catalogue as a file; text that a sheet would run is neutralised."""
    return files.download(f"catalogue.{form}", form, *export(skus(text)))
