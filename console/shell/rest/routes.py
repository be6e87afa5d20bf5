"""How a room writes down its endpoints: path, permission and answer, one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router
from ninja.operation import Operation
from ninja.utils import check_csrf

from console.errors import Refusal
from console.shell import policy
from console.shell.rest.texts import check_texts

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
SAFE = {"GET", "HEAD", "OPTIONS"}
ASKED: set[str] = set()
"""Every permission an endpoint asks for: the scopes that are of use to a token."""


class UnknownParameter(Refusal):
    """A parameter that would have been passed over."""

    code = "unknown_parameter"
    status = 422


class CsrfFailed(Refusal):
    """A session alone does not prove that the console's own page asks."""

    code = "csrf_failed"
    status = 403


class Needs:
    """Lets in who has a permission; a session must also show its CSRF token."""

    def __init__(self, need: str) -> None:
        """need: a permission of the matrix, or `login`. queries: what it reads."""
        self.need = need
        self.queries: set[str] = set()

    def __call__(self, request: HttpRequest) -> bool:
        """True, or the refusal.

        Raises:
            CsrfFailed: a session without its token would change something.
            PermissionDenied: role or scope does not allow it.
            UnknownParameter: the address has a parameter that means nothing here.
            NulInText: a part of the address, or a parameter, has a NUL in it.
        """
        session = not hasattr(request, "token")
        if session and request.method not in SAFE and check_csrf(request) is not None:
            raise CsrfFailed(
                "Send the session's CSRF token as X-CSRFToken, or use an API token."
            )
        if not policy.may(request.user, self.need):
            raise PermissionDenied(self.need)
        if unknown := sorted(set(request.GET) - self.queries):
            raise UnknownParameter(
                f"There is no parameter {unknown[0]} here. Leave it out.",
                field=unknown[0],
            )
        if place := request.resolver_match:
            check_texts(place.kwargs)
        for name, values in request.GET.lists():
            for value in values:
                check_texts(value, name)
        return True


class Routes(Router):
    """The endpoints of one room; `needs` maps each path to the permissions it asks."""

    def __init__(self, room: str) -> None:
        """room: the tag, and the first part of each name."""
        super().__init__(tags=[room])
        self.room = room
        self.names: dict[str, tuple[str, set[str]]] = {}

    def reads(
        self, path: str, answer: Any = None, **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """A GET anybody with a role may send."""
        return self._route("GET", path, policy.LOGIN, answer, 200, more)

    def acts(
        self,
        path: str,
        need: str,
        answer: Any = None,
        *,
        method: str = "POST",
        status: int = 200,
        **more: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        """A request that changes something, or asks for a permission."""
        return self._route(method, path, need, answer, status, more)

    def _route(
        self,
        method: str,
        path: str,
        need: str,
        answer: Any,
        status: int,
        more: dict[str, Any],
    ) -> Callable[[Endpoint], Endpoint]:
        extra = {"x-permission": need} | more.pop("extra", {})
        if answer is not None:
            more["response"] = {status: answer}

        def add(view: Endpoint) -> Endpoint:
            name, needs = self.names.setdefault(path, (self._name(view), set()))
            needs.add(need)
            ASKED.update({need} - {policy.LOGIN})
            gate = Needs(need)
            self.add_api_operation(
                path,
                [method],
                view,
                auth=gate,
                summary=(view.__doc__ or "").partition("\n")[0].rstrip("."),
                operation_id=self._name(view),
                url_name=name,
                openapi_extra=extra,
                **more,
            )
            gate.queries = _queries(self.path_operations[path].operations[-1])
            return view

        return add

    def _name(self, view: Callable[..., Any]) -> str:
        return f"{self.room}.{view.__name__.rstrip('_')}"

    def access(self) -> dict[str, str]:
        """Who may open each path; where its methods differ, each asks by itself."""
        return {
            name: next(iter(needs)) if len(needs) == 1 else policy.LOGIN
            for name, needs in self.names.values()
        }


def file_answer(kind: str, about: str) -> dict[str, Any]:
    """How OpenAPI tells of an answer that is a file."""
    schema = {"type": "object" if kind.endswith("json") else "string"}
    if kind.startswith("application/vnd"):
        schema["format"] = "binary"
    content = {kind: {"schema": schema}}
    return {"responses": {200: {"description": about, "content": content}}}


def _queries(operation: Operation) -> set[str]:
    """The parameters an operation reads from the address."""
    return {
        field.alias or name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name, field in model.model_fields.items()
    }
