"""One Content-Security-Policy for every answer, from a setting in Django 6's shape."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ContentSecurityPolicyMiddleware:
    """Adds the header of `settings.SECURE_CSP`; Django 6 has this built in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Spell the policy once."""
        self.get_response = get_response
        self.policy = "; ".join(
            f"{name} {' '.join(sources)}"
            for name, sources in settings.SECURE_CSP.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the policy."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
