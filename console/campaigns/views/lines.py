"""The products table: a page of it, one cell, many rows, and out as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from console import words
from console.campaigns import operations, queries
from console.campaigns.forms import AddLineForm, LineForm
from console.campaigns.models import Line, Undo
from console.campaigns.queries.products import products, row, totals
from console.campaigns.resources import export
from console.campaigns.rules import StaleEdit
from console.campaigns.views import stale
from console.campaigns.views.asked import CHANGED, HtmxHttpRequest, actor, editable
from console.shell import files
from console.shell.diff import chosen
from console.shell.parts import part_of
from console.shell.show import done


@require_safe
@part_of("campaigns:plan")
def table(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """The products table, filtered and paged."""
    head = queries.head(code)
    found = products(
        head.campaign,
        now=timezone.now(),
        text=request.GET.get("q", ""),
        page=request.GET.get("page", "1"),
    )
    context = {
        "campaign": head,
        "products": found,
        "editable": editable(request, head.campaign),
    }
    return render(request, "campaigns/_products.html", context)


@require_POST
def add(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Add one product by its SKU."""
    of, now = queries.head(code).campaign, timezone.now()
    form = AddLineForm(request.POST, auto_id="add_%s", of=of, now=now)
    if not form.is_valid():
        return _form(request, code, form, status=422)
    line = operations.add_line(
        code,
        sku_code=form.cleaned_data["sku"],
        values=form.terms,
        actor=actor(request),
        now=now,
    )
    there = reverse("campaigns:plan", args=[code])
    said = f"Added {line.sku.code}"
    if not request.htmx:
        return done(request, said, to=f"{there}#products")
    reply = _form(request, code, AddLineForm(auto_id="add_%s", of=of, now=now))
    for name in (CHANGED, "lines-changed"):
        trigger_client_event(reply, name)
    return trigger_client_event(reply, "toast", {"text": said, "tone": "ok"})


def _form(
    request: HttpRequest, code: str, form: AddLineForm, status: int = 200
) -> HttpResponse:
    """The form to add a product, blank again for the next one."""
    context = {"campaign": queries.head(code), "form": form}
    return render(request, "campaigns/_add_line.html", context, status=status)


def _changed(request: HtmxHttpRequest, code: str, text: str) -> HttpResponse:
    there = reverse("campaigns:plan", args=[code])
    if not request.htmx:
        return done(request, text, to=f"{there}#products")
    return done(request, text, CHANGED, "lines-changed", undo=undo_address(code))


def undo_address(code: str, *, what: str = "") -> str:
    """Where the last change of the lines is taken back; empty if there is none.

    what: only if this is what was done last.
    """
    found = Undo.objects.filter(campaign__code=code)
    found = found.filter(what=what[:200]) if what else found
    kept = found.values_list("pk", flat=True).first()
    return reverse("campaigns:undo", args=[code, kept]) if kept else ""


@require_POST
def edit(request: HtmxHttpRequest, code: str, pk: int) -> HttpResponse:
    """Change a cell of one line; its row answers."""
    line = _line(code, pk)
    form = LineForm(chosen(request.POST), line=line)
    if form.is_valid():
        try:
            saved = operations.edit_line(
                pk,
                values=form.terms,
                version=form.cleaned_data["version"],
                actor=actor(request),
                now=timezone.now(),
            )
        except StaleEdit as refused:
            return stale.line(request, _line(code, pk), refused, mine=form)
        return _row(request, saved.pk, code)
    if not request.htmx:
        sentence = " ".join(str(e[0]) for e in form.errors.values())
        there = reverse("campaigns:plan", args=[code])
        return done(request, f"{line.sku.code}: {sentence}", to=there, tone="bad")
    return _row(request, pk, code, form=form)


def _line(code: str, pk: int) -> Line:
    found = Line.objects.select_related("sku", "campaign")
    return get_object_or_404(found, pk=pk, campaign__code=code)


def _row(
    request: HtmxHttpRequest, pk: int, code: str, *, form: LineForm | None = None
) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{reverse('campaigns:plan', args=[code])}#row-{pk}")
    line = _line(code, pk)
    context: dict[str, Any] = {
        "row": row(line, now=timezone.now()),
        "campaign": queries.head(code),
        "editable": True,
        "form": form,
        "typed": request.POST if form else {},
        "swapped": True,
    }
    status = 422 if form else 200
    if form:
        return render(request, "campaigns/_row.html", context, status=status)
    context["totals"] = totals(line.campaign)
    reply = render(request, "campaigns/_row_saved.html", context, status=status)
    said = {"text": "Saved", "tone": "ok", "sub": "", "undo": undo_address(code)}
    return trigger_client_event(trigger_client_event(reply, "toast", said), CHANGED)


def ticked(said: Iterable[str]) -> list[int]:
    """Keys of lines, as a form sends them."""
    return [int(pk) for pk in said if pk.isdecimal()]


@require_POST
def remove(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Take the ticked products out."""
    count = operations.remove_lines(
        code,
        line_ids=ticked(request.POST.getlist("lines")),
        actor=actor(request),
        now=timezone.now(),
    )
    return _changed(request, code, f"Removed {words.count(count, 'product')}")


@require_safe
def download(_request: HttpRequest, code: str, form: str) -> StreamingHttpResponse:
    """The lines as CSV or XLSX; text that a sheet would run is neutralised."""
    return file(code, form)


def file(code: str, form: str) -> StreamingHttpResponse:
    """The lines of a campaign as a file. form: csv or xlsx."""
    table = export(queries.head(code).campaign)
    return files.download(f"{code}-lines.{form}", form, *table)
