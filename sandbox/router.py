"""Requests in, replies out: the little HTTP the pretend world speaks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, unquote

from pydantic import TypeAdapter, ValidationError

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")
BODY_MOST = 32 * 1024 * 1024


class Refused(Exception):
    """We say no. field: what of the request is wrong, if one thing is."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str = "",
        retry_after: int = 0,
        normal: bool = False,
    ) -> None:
        """Keep what the reply must say. normal: no sign of bad health."""
        super().__init__(message)
        self.status, self.message = status, message
        self.field, self.retry_after = field, retry_after
        self.well = normal or (status < 500 and status != 429)

    def reply(self) -> Reply:
        """Say it as JSON."""
        body = {"message": self.message} | ({"field": self.field} if self.field else {})
        reply = told(body, status=self.status)
        if self.retry_after:
            reply.headers.append((b"retry-after", b"%d" % self.retry_after))
        return reply


@dataclass(slots=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def header(self, name: bytes) -> str:
        """A header's value, empty if it is not set."""
        return next((v.decode() for k, v in self.headers if k == name), "")


def told(data: object, *, status: int = 200) -> Reply:
    """Answer with JSON."""
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    return Reply(status, body, headers)


class Request:
    """One request; its body is read when somebody asks for it."""

    __slots__ = ("receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        """Keep both."""
        self.scope, self.receive = scope, receive

    def header(self, name: bytes) -> str:
        """A header's value, empty if it did not come."""
        found = (v for k, v in self.scope["headers"] if k == name)
        return bytes(next(found, b"")).decode("latin-1")

    def query(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        spelled = self.scope["query_string"].decode("latin-1")
        return parse_qs(spelled, keep_blank_values=True).get(name, [])

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            Refused: it is too big, or the caller hung up.
        """
        parts, size, more = [], 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "The body did not arrive.")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > BODY_MOST:
                raise Refused(413, f"Send at most {BODY_MOST // 1024**2} MB.")
            more = message.get("more_body", False)
        return b"".join(parts)

    async def read(self, shape: type[T]) -> T:
        """The body, checked against a type.

        Raises:
            Refused: it does not fit; the sentence names the field.
        """
        return checked(shape, await self.body())


def checked(shape: type[T], body: bytes) -> T:
    """Check JSON against a type.

    Raises:
        Refused: it does not fit; the sentence names the field.
    """
    try:
        return cast(T, _adapter(cast(Any, shape)).validate_json(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise Refused(400, f"{place}: {said}.", field=place) from None


@lru_cache(maxsize=64)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


Handler = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers an address.

    part: whose faults and health it counts for; none for the controls of the world.
    public: no token needed.
    """

    method: str
    parts: tuple[str, ...]
    handler: Handler
    part: str = ""
    public: bool = False

    def match(self, parts: tuple[str, ...]) -> dict[str, str] | None:
        """The named parts of an address, or None if it is another one."""
        if len(parts) != len(self.parts):
            return None
        named = {}
        for pattern, part in zip(self.parts, parts, strict=True):
            if pattern.startswith("{"):
                named[pattern[1:-1]] = part
            elif pattern != part:
                return None
        return named


class Router:
    """All addresses of the pretend world."""

    def __init__(self) -> None:
        """Know none yet."""
        self.routes: list[Route] = []

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        part: str = "",
        public: bool = False,
    ) -> None:
        """Let a handler answer a path; `{name}` stands for one part of it."""
        parts = tuple(path.split("/"))
        self.routes.append(Route(method, parts, handler, part, public))

    def find(self, scope: Scope) -> tuple[Route, dict[str, str]]:
        """Who answers this request.

        Raises:
            Refused: nobody does.
        """
        raw = scope.get("raw_path") or scope["path"].encode()
        spelled = raw.decode("latin-1").split("?")[0]
        parts = tuple(unquote(part) for part in spelled.split("/"))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        allowed = []
        for route in self.routes:
            named = route.match(parts)
            if named is not None and route.method == method:
                return route, named
            if named is not None:
                allowed.append(route.method)
        if allowed:
            raise Refused(405, f"Use {' or '.join(allowed)} here.")
        raise Refused(404, "There is no such address.")
