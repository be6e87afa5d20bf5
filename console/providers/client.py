"""The one HTTP client: bounded in time and size, errors sorted, secrets kept."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import Any, TypeVar, cast
from urllib.parse import quote

import httpx2
import structlog
from pydantic import TypeAdapter, ValidationError

from console.errors import OutsideFailure
from console.providers import faults, reading
from console.providers.breaker import Breaker
from console.providers.breaker import counts as breaker_counts
from console.providers.dialling import (
    CONNECT_S,
    GuardedTransport,
    check_url,
    deadline,
)

T = TypeVar("T")
Flow = Generator[httpx2.Request, httpx2.Response, None]
BODY_LIMIT = 8 * 1024 * 1024
log = structlog.get_logger(__name__)


class _Bearer(httpx2.Auth):
    """Puts the token on the request at the last moment: no variable shows it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


@dataclass(frozen=True)
class Answer:
    """What came back. ms: until the first byte. headers: names in lower case."""

    name: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    ms: float

    def read(self, shape: type[T]) -> T:
        """Check the body against a type and return it so.

        Raises:
            OutsideFailure: the body is not what the interface promises.
        """
        try:
            return cast(T, _adapter(cast(Any, shape)).validate_json(self.body))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
            raise OutsideFailure(
                f"{self.name} answered something unexpected in {where}. "
                "Check that the address belongs to this kind of system.",
                transient=False,
                kind="invalid",
            ) from None


@dataclass(frozen=True)
class Api:
    """The calls of one connection; a driver knows paths, this knows everything else.

    timeout_s: bounds one whole call, from looking up the name to the last byte.
    patient: call also while the breaker pauses; for a person who wants to know.
    """

    name: str
    base_url: str
    token: str = field(default="", repr=False)
    timeout_s: float = 5.0
    options: Mapping[str, Any] = field(default_factory=dict)
    patient: bool = False

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read a path below the base address."""
        return self.call("GET", path, params=params)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
    ) -> Answer:
        """Call a path below the base address with our credentials.

        key: sent as Idempotency-Key; derived from the step, the same on each try.

        Raises:
            OutsideFailure: sorted by kind, with Retry-After if they named one.
            AddressNotAllowed: the address is not public.
        """
        sent = dict(headers or {}) | ({"Idempotency-Key": key} if key else {})
        url = self.base_url.rstrip("/") + path
        auth = _Bearer(self.token) if self.token else None
        with self._watched():
            answer = self._exchange(
                method, url, sent, params=params, json=body, auth=auth
            )
            problem = faults.of_answer(self.name, answer, hide=self._secrets())
            if problem:
                raise problem
        return answer

    def fetch(self, url: str) -> Answer:
        """Fetch a public address as a shopper would: no credentials, any status."""
        return self._exchange("GET", url, {})

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], **extra: Any
    ) -> Answer:
        reading.check(self.name, method)
        parsed = check_url(url)
        client = _shared()
        told = {"to": self.name, "method": method, "path": parsed.path}
        began = time.perf_counter()
        try:
            with deadline(self.timeout_s):
                answer = self._send(client, method, parsed, headers, began, extra)
        except httpx2.HTTPError as error:
            log.info("outside_failed", **told, error=type(error).__name__)
            raise faults.of_transport(self.name, error) from None
        log.debug("outside_answered", **told, status=answer.status, ms=answer.ms)
        return answer

    def _send(
        self,
        client: httpx2.Client,
        method: str,
        url: httpx2.URL,
        headers: Mapping[str, str],
        began: float,
        extra: Mapping[str, Any],
    ) -> Answer:
        given = {key: value for key, value in extra.items() if value is not None}
        times = httpx2.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s))
        with client.stream(
            method, url, headers=headers, timeout=times, **given
        ) as reply:
            ms = round((time.perf_counter() - began) * 1000, 1)
            body = _bounded(self.name, reply)
            return Answer(self.name, reply.status_code, reply.headers, body, ms)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Ask the breaker first, and tell it how the call went."""
        breaker = Breaker(self.name, self.base_url)
        failing = True if self.patient else breaker.check()
        try:
            yield
        except OutsideFailure as failure:
            if breaker_counts(failure):
                breaker.failed()
            elif failing:
                breaker.worked()
            raise
        if failing:
            breaker.worked()

    def _secrets(self) -> tuple[str, ...]:
        return (self.token, quote(self.token, safe="")) if self.token else ()


def _bounded(name: str, reply: httpx2.Response) -> bytes:
    """The body, undecoded: we ask for no compression, so a bomb has no fuse."""
    parts: list[bytes] = []
    size = 0
    for part in reply.iter_raw():
        size += len(part)
        if size > BODY_LIMIT:
            limit = BODY_LIMIT // 1024 // 1024
            raise OutsideFailure(
                f"{name} sent more than {limit} MB. Ask for less at a time.",
                transient=False,
                kind="invalid",
            )
        parts.append(part)
    return b"".join(parts)


@lru_cache(maxsize=64)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


_clients: dict[int, httpx2.Client] = {}
_making = Lock()


def _shared() -> httpx2.Client:
    """The client of this process; the first thread makes it, the others wait.

    Kept by process id: a forked worker must not write on its parent's connections.
    """
    pid = os.getpid()
    if pid not in _clients:
        with _making:
            _clients[pid] = _clients.get(pid) or _client()
    return _clients[pid]


def _client() -> httpx2.Client:
    """One pool of connections.

    No cookies are kept: connections must not learn from each other.
    """
    client = httpx2.Client(
        transport=GuardedTransport(),
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": "Doorbuster/0.1", "Accept-Encoding": "identity"},
    )
    atexit.register(client.close)
    return client
