"""Opens connections: resolve, check every address, dial the one that was checked."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolveTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2
from django.conf import settings

from console.errors import Refusal
from console.providers.addresses import why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
CONNECT_S = 3.0
WEB_PORTS = (80, 443)
SERVICES_BELOW = 1024


class AddressNotAllowed(Refusal):
    """The address is not one the console may call."""

    code = "address_not_allowed"
    status = 422


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound everything done inside, from resolving to the last byte."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None) -> float | None:
    end = _deadline.get()
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("out of time")
    return left if timeout is None else min(left, timeout)


def allowed_by_name(host: str, port: int) -> bool:
    """True if PRIVATE_HOSTS_ALLOWED names this host and port."""
    names = {entry.strip().lower() for entry in settings.PRIVATE_HOSTS_ALLOWED}
    return bool(names & {f"{host}:{port}", f"{host}:*"})


def check_url(url: str) -> httpx2.URL:
    """Parse an address, or refuse its spelling, before any name is looked up.

    Raises:
        AddressNotAllowed: not http(s), no host, a user name in it, or an odd port.
    """
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise AddressNotAllowed(
            "This is not a web address. Write it as https://shop.example.com."
        ) from error
    problem = _spelling(parsed)
    if problem:
        raise AddressNotAllowed(problem)
    return parsed


def _spelling(url: httpx2.URL) -> str:
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        return "Only http and https addresses with a host name can be called."
    if url.userinfo or "@" in url.host:
        return "Leave user name and password out of the address; use the secret field."
    port = url.port or 443
    odd = port not in WEB_PORTS and port < SERVICES_BELOW
    if odd and not allowed_by_name(url.host.lower(), port):
        return f"Port {port} belongs to another service. Use 80, 443 or 1024 and up."
    return ""


def check_public(url: str, *, field: str) -> None:
    """Refuse an address that could not be called, before it is kept.

    A name that cannot be looked up now is let through: a test will tell.

    Raises:
        AddressNotAllowed: the field, and what to do.
    """
    try:
        parsed = check_url(url)
        resolve(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
    except AddressNotAllowed as refused:
        refused.field = field
        raise
    except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
        return


def resolve(host: str, port: int, timeout: float | None = CONNECT_S) -> list[str]:
    """Look a name up; refuse it if any of its addresses is not public.

    One bad address refuses the name, else a rival could win by answering twice.

    Raises:
        AddressNotAllowed: which address is not public, and what to do.
    """
    name = host.strip("[]").rstrip(".").lower()
    found = _resolver(name, port, timeout)
    if not allowed_by_name(name, port):
        for address in found:
            _check(name, port, address)
    return found


def _resolver(name: str, port: int, timeout: float | None) -> list[str]:
    # getaddrinfo knows no timeout: a thread waits, so that the caller need not.
    pool = _resolvers(os.getpid())
    asked = pool.submit(socket.getaddrinfo, name, port, 0, socket.SOCK_STREAM)
    try:
        found = asked.result(timeout)
    except ResolveTimeout as error:
        raise httpcore2.ConnectTimeout("name lookup took too long") from error
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError("name not found") from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@lru_cache(maxsize=1)
def _resolvers(_pid: int) -> ThreadPoolExecutor:
    """Threads that look names up; a forked process has none of its parent's."""
    return ThreadPoolExecutor(4, thread_name_prefix="resolve")


def _check(name: str, port: int, address: str) -> None:
    why = why_not(address)
    if why:
        where = name if name == address else f"{name} is {address}, which"
        raise AddressNotAllowed(
            f"{where} is not a public address ({why}). Use a public address, "
            f"or add {name}:{port} to PRIVATE_HOSTS_ALLOWED."
        )


class _Stream(httpcore2.NetworkStream):
    """A connection that honours the deadline on every read and write."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(timeout))
        return _Stream(inner)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Dials checked addresses only; Host header and TLS name stay those of the URL."""

    def __init__(self) -> None:
        """Dial with the ordinary sockets of httpcore2."""
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Try the checked addresses in order until one answers."""
        error: Exception = httpcore2.ConnectError("no address")
        for address in resolve(host, port, _left(timeout)):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                error = failed
            else:
                return _Stream(stream)
        raise error


class GuardedTransport(httpx2.HTTPTransport):
    """httpx2's transport on guarded dialling; no proxy, no environment."""

    def __init__(self) -> None:
        """Keep up to 20 idle connections for 30 s."""
        super().__init__(trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30,
            network_backend=GuardedBackend(),
        )
