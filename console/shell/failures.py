"""What is said when an address is not there, is not allowed, or broke."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from console.errors import Refusal
from console.shell.policy import MATRIX, permissions
from console.shell.policy import roles as roles_of
from console.shell.refusals import speak, wants_json
from console.shell.rest import BASE
from console.shell.rest.problems import problem
from console.words import either

BROKE = {
    "broke": "This broke, and it is our fault. Nothing was done; try again.",
    "database_away": "The database does not answer. Try again in a moment.",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request itself makes no sense; 413: there is too much of it."""
    if isinstance(exception, Refusal):
        return speak(request, exception)
    if isinstance(exception, RequestDataTooBig):
        text = (
            "There is more in this form than the server accepts. Send a file instead."
        )
        return _say(request, 413, "too_large", text)
    return _say(request, 400, "bad_request", "Reload the page and try again.")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: the form came without its token, or from elsewhere."""
    text = (
        "The page was open for too long or came from elsewhere. Reload it, try again."
    )
    return _say(request, 403, "csrf_failed", text)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but without the permission; says which roles have it."""
    need = str(exception)
    if hasattr(request, "token") and need in permissions(roles_of(request.user)):
        said = f"The token lacks the scope {need}. Issue one that has it."
        return _say(request, 403, "scope_missing", said)
    roles = sorted(MATRIX.get(need, ()))
    text = (
        f"This needs the role {either(roles)}. Ask an admin for it, or ask someone "
        "who has it."
        if roles
        else "Your roles do not allow this. Ask an admin."
    )
    return _say(request, 403, "not_allowed", text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404: no such address, or the thing is gone."""
    text = "The address is wrong, or what was here has been removed."
    return _say(request, 404, "not_found", text)


def broke(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database does not answer; asks nothing of the database."""
    away = isinstance(sys.exc_info()[1], OperationalError)
    status = 503 if away else 500
    if wants_json(request):
        code = "database_away" if away else "broke"
        said = {"code": code, "message": BROKE[code], "field": "", "detail": {}}
        if request.path.startswith(BASE):
            return problem(said | {"status": status})
        return JsonResponse(said, status=status)
    context = {
        "retailer": settings.RETAILER,
        "environment": settings.ENVIRONMENT,
        "request": request,
    }
    page = render_to_string("503.html" if away else "500.html", context)
    return HttpResponse(page, status=status)


def _say(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    return speak(request, Refusal(text, code=code, status=status))
