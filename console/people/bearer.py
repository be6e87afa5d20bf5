"""Bearer tokens on the API: who calls, and with which part of their permissions."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from console.errors import Refusal
from console.people import tokens
from console.shell import policy
from console.shell.refusals import speak
from console.shell.rest import BASE

Handler = Callable[[HttpRequest], HttpResponse]


class TokenMissing(Refusal):
    """The header is there, and no bearer token in it."""

    code = "token_missing"
    status = 401


class BearerMiddleware:
    """Lets a token of the API stand for its owner, within the token's scopes.

    A request with a token needs no CSRF token: no browser sends it by itself.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say who calls, or refuse the token; without one the session decides."""
        header = request.headers.get("Authorization", "")
        if not header or not request.path.startswith(BASE):
            return self.get_response(request)
        try:
            token = tokens.found(_secret(header), now=timezone.now())
        except Refusal as refused:
            reply = speak(request, refused)
            reply["WWW-Authenticate"] = "Bearer"
            return reply
        policy.limit(token.owner, token.scopes)
        request.user = token.owner
        request.token = token  # type: ignore[attr-defined]
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(token=token.start):
            return self.get_response(request)


def _secret(header: str) -> str:
    """The secret in an Authorization header.

    Raises:
        TokenMissing: it is of another kind.
    """
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise TokenMissing("Send the header Authorization: Bearer <token>.")
    return secret.strip()
