"""Request ids, refusals spoken once, and the gatekeeper of every address."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from console.errors import OutsideFailure, Refusal
from console.shell import policy
from console.shell.refusals import speak

Handler = Callable[[HttpRequest], HttpResponse]


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    code = "not_signed_in"
    status = 401


class RequestIdMiddleware:
    """Gives each request an id that logs, error pages and the reply carry."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Bind the id while the request lasts."""
        request.id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request.id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


class RefusalMiddleware:
    """Speaks a Refusal or an OutsideFailure as page, fragment or JSON."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; exceptions arrive in process_exception."""
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Answer an expected error; anything else is a bug and stays one."""
        if isinstance(error, Refusal | OutsideFailure):
            return speak(request, error)
        return None


class AccessMiddleware:
    """Asks `config.access` who may open an address; an address not listed is closed."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next one in line."""
        self.get_response = get_response
        self.table: dict[str, str] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the decision falls once the address is resolved."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Let in, send to the login page, or refuse.

        Raises:
            ImproperlyConfigured: the address has no entry in its room's ACCESS.
            PermissionDenied: the user is signed in but lacks the permission.
        """
        need = self._need(request)
        if policy.may(request.user, need):
            return None
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        raise PermissionDenied(need)

    def _need(self, request: HttpRequest) -> str:
        if self.table is None:
            self.table = import_module("config.access").access_table()
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name not in self.table:
            raise ImproperlyConfigured(f"{name or request.path} has no entry in ACCESS")
        return self.table[name]


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The login page, which leads back; a program is told with 401 instead.

    A form that was sent is lost: the way back leads to the page it was on.
    """
    if request.path.startswith("/api/"):
        return speak(request, NotSignedIn("Sign in first; this needs a session."))
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(urlsplit(request.headers.get("Referer", "/")).path or "/")
