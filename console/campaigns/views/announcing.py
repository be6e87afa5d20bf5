"""Announcements on the plan page: the rows, a new one, changing and removing one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from console.campaigns import operations, queries
from console.campaigns.forms.announcing import AnnouncementForm, ToldChangeForm
from console.campaigns.models import Announcement
from console.campaigns.queries.announcing import told
from console.campaigns.rules import StaleEdit
from console.campaigns.views import stale
from console.campaigns.views.asked import (
    CHANGED,
    HtmxHttpRequest,
    actor,
    editable,
)
from console.shell.diff import chosen
from console.shell.parts import part_of
from console.shell.show import done


@require_safe
@part_of("campaigns:plan")
def panel(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Show the announcements of a plan, and the form for one more."""
    return _panel(request, code)


@require_POST
def add(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Add an announcement."""
    form = AnnouncementForm(request.POST, auto_id="told_%s")
    if not form.is_valid():
        return _panel(request, code, form=form, status=422)
    operations.announce(code, form.told, actor=actor(request), now=timezone.now())
    return _shown(request, code, "Saved")


@require_POST
def change(request: HtmxHttpRequest, code: str, pk: int) -> HttpResponse:
    """Change one announcement."""
    form = ToldChangeForm(chosen(request.POST), auto_id=f"told_{pk}_%s")
    if not form.is_valid():
        return _panel(request, code, form=form, wrong=pk, status=422)
    try:
        operations.announce(
            code,
            form.told,
            pk=pk,
            version=form.cleaned_data["version"],
            actor=actor(request),
            now=timezone.now(),
        )
    except StaleEdit as refused:
        held = Announcement.objects.select_related("campaign")
        row = get_object_or_404(held, pk=pk, campaign__code=code)
        return stale.announcement(request, row, refused, mine=form)
    return _shown(request, code, "Saved")


@require_POST
def remove(request: HtmxHttpRequest, code: str, pk: int) -> HttpResponse:
    """Take one announcement off the plan."""
    operations.unannounce(code, pk, actor=actor(request), now=timezone.now())
    return _shown(request, code, "Removed")


def _shown(request: HtmxHttpRequest, code: str, text: str) -> HttpResponse:
    if not request.htmx:
        return done(request, text, to=reverse("campaigns:plan", args=[code]))
    return trigger_client_event(_panel(request, code), CHANGED)


def _panel(
    request: HtmxHttpRequest,
    code: str,
    *,
    form: AnnouncementForm | None = None,
    wrong: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """wrong: the row a refused form belongs to; None for the new one."""
    head = queries.head(code)
    context = {
        "campaign": head,
        "told": told(head.campaign, now=timezone.now()),
        "told_form": form
        if form and not wrong
        else AnnouncementForm(auto_id="told_%s"),
        "told_wrong": form if wrong else None,
        "told_wrong_pk": wrong,
        "editable": editable(request, head.campaign),
    }
    return render(request, "campaigns/_told.html", context, status=status)
