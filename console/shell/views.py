"""Entrances of the frame: the way home, health, the doctor, demo sign-in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from console.shell import demo, health, sheet
from console.shell.show import show


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; it asks nothing of database or cache."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def home(_request: HttpRequest) -> HttpResponse:
    """Lead to the calendar, where planning starts."""
    return redirect("campaigns:calendar")


@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    """Show whether each part of the stack is awake, and how long ago it was."""
    now = timezone.now()
    return show(
        request, "shell/doctor.html", {"checks": health.examine(now=now), "now": now}
    )


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every shared part once, for those who build pages.

    Raises:
        Http404: this is neither a demo nor a developer's machine.
    """
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return show(request, "shell/components.html", sheet.parts(now=timezone.now()))


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Sign in as a person of the demo retailer, by role or by name.

    Raises:
        Http404: this is not a demo, or nobody active has that role or name.
    """
    wanted = {request.POST.get("role", ""), request.POST.get("person", "")}
    known = [(one.username, {one.role, one.username}) for one in demo.PEOPLE]
    names = [name for name, ways in known if ways & wanted]
    if not settings.DEMO or not names:
        raise Http404
    user = get_object_or_404(User, username=names[0], is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is one of our own addresses."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if ours and wanted else settings.LOGIN_REDIRECT_URL
