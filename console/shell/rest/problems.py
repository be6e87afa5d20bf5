"""Errors for programs, as RFC 9457 has them: `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

TYPE = "application/problem+json"


def problem(told: Mapping[str, Any]) -> HttpResponse:
    """An expected error as a problem.

    told: code, message, field, status and detail of a refusal.
    """
    status = int(told["status"])
    body = {
        "type": f"urn:doorbuster:{told['code']}",
        "title": _title(status),
        "status": status,
        "detail": told["message"],
        "code": told["code"],
        "field": told["field"],
        "values": told["detail"],
    }
    text = json.dumps(body, cls=DjangoJSONEncoder)
    return HttpResponse(text, status=status, content_type=TYPE)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"
