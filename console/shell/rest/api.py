"""The REST API as a whole: errors spoken as problems, and its own description."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from console.errors import OutsideFailure, Refusal
from console.shell import failures
from console.shell.middleware import NotSignedIn
from console.shell.refusals import speak
from console.shell.rest import problems
from console.shell.rest.routes import SAFE, Routes
from console.shell.rest.shapes import Problem

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "The same key with the same request gives the same answer for 24 h.",
}
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "doorbuster-session"},
}


class BadInput(Refusal):
    """A part of the request is not what the description says."""

    code = "bad_input"
    status = 422


class Api(NinjaAPI):
    """Every room's endpoints, under one description."""

    def __init__(self, rooms: list[Routes], **options: Any) -> None:
        """rooms: what is mounted, each under its own paths."""
        super().__init__(docs_url=None, **options)
        self.rooms = rooms
        self.described: dict[str, OpenAPISchema] = {}
        for room in rooms:
            self.add_router("", room)
        for kind, handler in _SAID.items():
            self.add_exception_handler(kind, handler)

    def access(self) -> dict[str, str]:
        """The permission of each address, by its name in the namespace."""
        named = {
            name: need for one in self.rooms for name, need in one.access().items()
        }
        named |= {"openapi-json": "login", "api-root": "login"}
        return {f"{self.urls_namespace}:{name}": need for name, need in named.items()}

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        """The description, built at the first call for each prefix; not to be changed.

        path_prefix: before every path; where the API is mounted if None.
        """
        prefix = path_prefix or self.get_root_path(path_params or {})
        if prefix not in self.described:
            self.described[prefix] = self._describe(prefix)
        return self.described[prefix]

    def _describe(self, prefix: str) -> OpenAPISchema:
        """What the endpoints say, with what holds for every operation added."""
        told = super().get_openapi_schema(path_prefix=prefix)
        parts = told["components"]
        parts["securitySchemes"] = SCHEMES
        parts["schemas"]["Problem"] = Problem.model_json_schema()
        told["security"] = [{"token": []}, {"session": []}]
        for path in told["paths"].values():
            for method, operation in path.items():
                operation["responses"]["default"] = _PROBLEM
                if method.upper() not in SAFE:
                    operation["parameters"] = [*operation["parameters"], KEY]
        return told


_PROBLEM = {
    "description": "It was not done, and why.",
    "content": {problems.TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first thing that is wrong as the sentence, all of them beside it."""
    found = [_wrong(one) for one in error.errors]
    first = found[0]
    said = f"{first['field']}: {first['text']}"
    refusal = BadInput(said, field=first["field"], detail={"errors": found})
    return speak(request, refusal)


def _wrong(error: dict[str, Any]) -> dict[str, str]:
    """`Extra inputs are not permitted` says too little to a person."""
    parts = [str(part) for part in error["loc"]]
    while len(parts) > 1 and parts[0] in _PLACES:
        parts = parts[1:]
    unknown = error["type"] == "extra_forbidden"
    text = "there is no such field." if unknown else f"{error['msg'].rstrip('.')}."
    return {"field": ".".join(parts) or "body", "text": text}


_PLACES = {"body", "query", "path", "form", "file", "header"}


def _bad(request: HttpRequest, error: HttpError) -> HttpResponse:
    text = "The body cannot be read. Send JSON as the description says."
    refusal = BadInput(text, field="body", status=error.status_code)
    return speak(request, refusal)


def _stranger(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return speak(request, NotSignedIn("Sign in first, or send an API token."))


_SAID: dict[type[Exception], Any] = {
    Refusal: speak,
    OutsideFailure: speak,
    Http404: failures.not_found,
    PermissionDenied: failures.not_allowed,
    ValidationError: _invalid,
    HttpError: _bad,
    AuthenticationError: _stranger,
}
