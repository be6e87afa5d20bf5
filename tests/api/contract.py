"""Holds real answers against the description that is served."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.contrib.django import DjangoOpenAPIRequest, DjangoOpenAPIResponse

from config.api import api
from console.shell.files import KINDS
from console.shell.rest import problems


def _text(body: bytes, **_: str) -> str:
    return body.decode()


def _binary(body: bytes, **_: str) -> str:
    """A file as JSON Schema sees it: a string of any bytes."""
    return body.decode("latin-1")


@cache
def described() -> OpenAPI:
    """The description as a program reads it."""
    readers = {problems.TYPE: json.loads, "text/csv": _text, KINDS["xlsx"]: _binary}
    config = Config(extra_media_type_deserializers=readers)
    told = json.loads(json.dumps(api.get_openapi_schema()))
    return OpenAPI.from_dict(told, config=config)


class Asked(DjangoOpenAPIRequest):
    """A request whose body was read already."""

    body = b""


def check(reply: Any) -> Any:
    """The body of a reply that is as described; anything else raises."""
    request = Asked(reply.wsgi_request)
    described().validate_response(request, DjangoOpenAPIResponse(reply))
    if reply.streaming:
        return reply.getvalue()
    return reply.json() if "json" in reply["Content-Type"] else reply.content
