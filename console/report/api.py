"""The entrance of programs: the report of a sale as JSON."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console.report import queries


@require_safe
@never_cache
def report(_request: HttpRequest, code: str) -> JsonResponse:
    """Takings, relay, steps and SKUs of a sale: so far, or as frozen at its close."""
    return JsonResponse(queries.summary(code, now=timezone.now()))
