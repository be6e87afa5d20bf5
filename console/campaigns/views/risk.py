"""The table of risks: how many people approve what, and its versions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import operations
from console.campaigns.forms.risk import RiskForm
from console.campaigns.queries import approvals
from console.campaigns.rules import StaleEdit, Table
from console.campaigns.views import stale
from console.campaigns.views.asked import actor
from console.shell import policy
from console.shell.diff import chosen, seen
from console.shell.show import done, show


@require_safe
def risks(request: HttpRequest) -> HttpResponse:
    """Show the table in force, and the versions before it."""
    return _page(request, _form(request, approvals.table()))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Follow the table by what was entered."""
    form = _form(request, approvals.table())
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        saved = operations.save_table(
            form.table,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            actor=actor(request),
            now=timezone.now(),
        )
    except StaleEdit as refused:
        return stale.risks(request, refused, mine=form)
    there = reverse("campaigns:risks")
    return done(request, f"Saved as version {saved.version}", to=there)


def _form(request: HttpRequest, held: Table) -> RiskForm:
    may = policy.may(request.user, "campaigns.risk")
    return RiskForm(chosen(request.POST) or None, of=held, may=may)


def _page(request: HttpRequest, form: RiskForm, *, status: int = 200) -> HttpResponse:
    held = approvals.table()
    context = {
        "form": form,
        "seen": request.POST.get("seen") or seen(form),
        "table": held,
        "next_version": held.version + 1,
        "versions": approvals.versions(),
        "editable": policy.may(request.user, "campaigns.risk"),
    }
    return show(request, "campaigns/risks.html", context, status=status)
