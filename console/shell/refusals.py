"""How an expected error is said: one sentence as page, fragment or JSON."""

from __future__ import annotations

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from console.errors import OutsideFailure, Refusal
from console.shell.rest import BASE
from console.shell.rest.problems import problem

log = structlog.get_logger(__name__)

TITLES = {
    400: ("This request makes no sense", "triangle-alert"),
    403: ("You may not do this", "lock"),
    404: ("Nothing is here", "search"),
    413: ("The file is too large", "upload"),
    429: ("Too many tries", "timer"),
    502: ("The other side refused", "network"),
    503: ("The other side does not answer", "network"),
}


def speak(request: HttpRequest, error: Refusal | OutsideFailure) -> HttpResponse:
    """Answer in the form the asker reads: JSON, a toast for htmx, or a page."""
    told = _told(error)
    log.info("refused", path=request.path, **{k: told[k] for k in ("code", "status")})
    if request.path.startswith(BASE):
        return problem(told)
    if wants_json(request):
        return _json(told)
    if getattr(request, "htmx", False):
        return _fragment(request, told)
    return _page(request, told)


def _told(error: Refusal | OutsideFailure) -> dict[str, object]:
    if isinstance(error, Refusal):
        return {
            "code": error.code,
            "message": error.message,
            "field": error.field,
            "status": error.status,
            "detail": error.detail,
        }
    status = 503 if error.transient else 502
    detail = {"retry_after_s": error.retry_after_s} if error.retry_after_s else {}
    return {
        "code": error.kind,
        "message": error.message,
        "field": "",
        "status": status,
        "detail": detail,
    }


def _status(told: dict[str, object]) -> int:
    return int(str(told["status"]))


def wants_json(request: HttpRequest) -> bool:
    """True for a program: below /api/, or one that takes no HTML."""
    return request.path.startswith("/api/") or request.accepts("text/html") is False


def _page(request: HttpRequest, told: dict[str, object]) -> HttpResponse:
    """A whole page with a way back to where the person came from."""
    status = _status(told)
    title, icon = TITLES.get(status, ("This was not done", "ban"))
    context = told | {"title": title, "icon": icon, "back": _back(request)}
    return render(request, "shell/refused.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is one of our own addresses."""
    back = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:  # what is refused is the name itself
        return ""
    return back if url_has_allowed_host_and_scheme(back, {host}) else ""


def _json(told: dict[str, object]) -> JsonResponse:
    body = {k: v for k, v in told.items() if k != "status"}
    return JsonResponse(body, status=_status(told))


def _fragment(request: HttpRequest, told: dict[str, object]) -> HttpResponse:
    """A toast out of band; what was on the page stays as it was."""
    reply = render(
        request, "shell/_refused.html", told, status=int(str(told["status"]))
    )
    reply["HX-Reswap"] = "none"
    named = {key: told[key] for key in ("code", "field", "message")}
    return trigger_client_event(reply, "refused", named)
