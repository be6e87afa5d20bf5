"""Entrances of the frame: health."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; it asks nothing of database or cache."""
    return HttpResponse("ok\n", content_type="text/plain")
