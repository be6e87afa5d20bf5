"""A real server on 127.0.0.1 that misbehaves on request, and counts who called."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Manner = Callable[[socket.socket, bytes], None]


def reply(status: int, body: bytes = b"{}", **headers: str) -> Manner:
    """Answer properly; keyword names become headers (retry_after → Retry-After)."""

    def act(sock: socket.socket, _request: bytes) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [
            f"{name.replace('_', '-').title()}: {text}"
            for name, text in headers.items()
        ]
        sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return act


def say(told: object, status: int = 200, **headers: str) -> Manner:
    """Answer with JSON."""
    return reply(status, json.dumps(told).encode(), **headers)


def echo(sock: socket.socket, request: bytes) -> None:
    """Answer 400 and repeat the credentials that were sent, in header and body."""
    found = re.search(r"(?i)authorization: (.*)\r", request.decode("latin-1"))
    sent = found.group(1) if found else "nothing"
    body = json.dumps({"message": f"not welcome: {sent}"}).encode()
    reply(400, body, x_echo=sent)(sock, request)


def hang(sock: socket.socket, _request: bytes) -> None:
    """Say nothing, until the caller gives up."""
    sock.settimeout(30)
    sock.recv(1)


def reset(sock: socket.socket, _request: bytes) -> None:
    """Cut the line with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def half(sock: socket.socket, _request: bytes) -> None:
    """Promise 1,000 bytes and send ten."""
    sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"name": "w')
    sock.close()


def drip(sock: socket.socket, _request: bytes) -> None:
    """Send one byte of the body each 0.1 s, for ever."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        sock.sendall(b" ")
        time.sleep(0.1)


def drip_head(sock: socket.socket, _request: bytes) -> None:
    """Send one byte of the header each 0.1 s, for ever."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        sock.sendall(b"a")
        time.sleep(0.1)


def flood(sock: socket.socket, _request: bytes) -> None:
    """Send more than anybody asked for."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        sock.sendall(b"x" * 65536)


@dataclass
class Rude:
    """The server. seen: every request as it came. dialled: connections opened."""

    port: int
    manner: Manner = field(default_factory=lambda: reply(200))
    seen: list[bytes] = field(default_factory=list)
    dialled: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def rude() -> Iterator[Rude]:
    """Start one, and stop it afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Rude(listener.getsockname()[1])
    threading.Thread(target=_listen, args=(listener, server), daemon=True).start()
    try:
        yield server
    finally:
        # shutdown() wakes the thread in accept(); close() alone would leave it there.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _listen(listener: socket.socket, server: Rude) -> None:
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        server.dialled += 1
        threading.Thread(target=_serve, args=(sock, server), daemon=True).start()


def _serve(sock: socket.socket, server: Rude) -> None:
    with sock:
        while request := _request(sock):
            server.seen.append(request)
            try:
                server.manner(sock, request)
            except OSError:
                return


def _request(sock: socket.socket) -> bytes:
    got = b""
    try:
        while b"\r\n\r\n" not in got:
            part = sock.recv(65536)
            if not part:
                return b""
            got += part
        head, _, body = got.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += sock.recv(65536)
    except OSError:
        return b""
    return head + b"\r\n\r\n" + body


@dataclass
class Lossy:
    """Hands requests on to another server, and loses the reply of some of them.

    lose: which replies are lost, counted from 1; the request had its effect.
    """

    port: int
    lose: set[int]
    count: int = 0

    def __call__(self, sock: socket.socket, request: bytes) -> None:
        """Be the manner of a rude server."""
        self.count += 1
        head, _, body = request.partition(b"\r\n\r\n")
        head += b"\r\nConnection: close"
        with socket.create_connection(("127.0.0.1", self.port)) as there:
            there.sendall(head + b"\r\n\r\n" + body)
            answer = b""
            while part := there.recv(65536):
                answer += part
        if self.count in self.lose:
            reset(sock, request)
        else:
            sock.sendall(answer)
            sock.close()
