"""Entrances of the run sheet: the page, its panels, and what a person may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import ptag

from console.runbook import operations
from console.runbook.forms import SkipForm
from console.runbook.models import Step
from console.runbook.sheet import run_sheet, tag
from console.shell import policy
from console.shell.parts import part_of
from console.shell.show import done

CHANGED = "step-changed"


def _sheet_of(_request: HttpRequest, pk: int) -> str:
    return reverse("runbook:sheet", args=[get_object_or_404(Step, pk=pk).plan])


def _tag(request: HttpRequest, plan: str) -> str:
    """A polled panel costs a 304 until something on it changes."""
    may_act = policy.may(request.user, "runbook.act")
    return tag(plan, now=timezone.now(), extra=str(may_act))


def _sheet(request: HttpRequest, plan: str, template: str) -> HttpResponse:
    sheet = run_sheet(plan, now=timezone.now())
    context = {"sheet": sheet, "ptag": _tag(request, plan)}
    return render(request, f"runbook/{template}.html", context)


@require_safe
def sheet(request: HttpRequest, plan: str) -> HttpResponse:
    """Show the run sheet of a plan as a page of its own."""
    return _sheet(request, plan, "sheet")


@require_safe
@part_of("runbook:sheet")
def sheet_partial(request: HttpRequest, plan: str) -> HttpResponse:
    """The run sheet's panel, for a page of another room."""
    return _sheet(request, plan, "_sheet")


@require_safe
@ptag(_tag)
@part_of("runbook:sheet")
def steps(request: HttpRequest, plan: str) -> HttpResponse:
    """The steps alone, as the panel asks for them every other second."""
    return _sheet(request, plan, "_steps")


@require_safe
@ptag(_tag)
@part_of("runbook:sheet")
def overview(request: HttpRequest, plan: str) -> HttpResponse:
    """The strip of figures and the timeline above the run sheet."""
    return _sheet(request, plan, "_overview")


@require_POST
def run_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Do a step at once."""
    return _act(request, operations.run_now, pk, "Started")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed step again."""
    return _act(request, operations.retry, pk, "Trying again")


@require_POST
def revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what a step changed."""
    return _act(request, operations.revert, pk, "Reverting")


@require_http_methods(["GET", "POST"])
@part_of(_sheet_of)
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then leave the step out."""
    step = get_object_or_404(Step, pk=pk)
    form = SkipForm(request.POST or None)
    if form.is_valid():
        return _act(request, operations.skip, pk, "Skipped", **form.cleaned_data)
    context = {"step": step, "form": form}
    return render(request, "runbook/_skip.html", context)


def _act(
    request: HttpRequest, operation: Any, pk: int, word: str, **values: Any
) -> HttpResponse:
    step = get_object_or_404(Step, pk=pk)
    operation(step.pk, actor=request.user, now=timezone.now(), **values)
    return done(request, f"{word}: {step.title}", CHANGED, tone="info")
