"""The stream door in a real server: everybody sees everything new, nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import redis as redis_package
from django.conf import settings
from django.db import connection

from console.live import channel, tickets
from tests.calls import http

T = TypeVar("T")

LIMIT_S = 20


@dataclass
class Edge:
    """A running stream server."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, campaign: str, ticket: str | None = None) -> str:
        """The address of a stream, with a good ticket unless another is given."""
        ticket = tickets.issue(1, campaign) if ticket is None else ticket
        return f"http://127.0.0.1:{self.port}/live/stream/{campaign}?ticket={ticket}"


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    """One edge server for all tests."""
    with running() as one:
        yield one


@contextlib.contextmanager
def running(**env: str) -> Iterator[Edge]:
    """The edge server as `up` starts it, with these changes to its environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--no-ws", "--backlog", "4096", "--backpressure", "4000"]
    words += ["--workers-kill-timeout", "5", "--log-level", "warning"]
    command = [sys.executable, "-m", "granian", *words, "config.asgi:application"]
    process = subprocess.Popen(command, env=os.environ | env)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield Edge(port, process)
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Watcher:
    """A bare client of one stream."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, edge: Edge, campaign: str) -> Watcher:
        """Ask for the stream and read as far as the headers."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", edge.port, limit=2**20
        )
        path = edge.url(campaign).partition(str(edge.port))[2]
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0], head
        return cls(reader, writer)

    async def next(self) -> bytes:
        """The next frame."""
        while True:
            line = await asyncio.wait_for(self.reader.readline(), LIMIT_S)
            assert line, "the stream ended"
            if line.startswith(b"data: "):
                return line[6:].strip()

    async def close(self) -> None:
        """Go away."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def until(self, frame: bytes) -> float:
        """When this frame came."""
        while await self.next() != frame:
            continue
        return time.monotonic()


def played(play: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it in a thread of its own: a browser test may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(play())).result()


def _threads(process: subprocess.Popen[bytes]) -> int:
    """Threads of the server and its workers."""
    found = subprocess.run(
        ["ps", "-o", "nlwp=", "--ppid", str(process.pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(int(line) for line in found.stdout.split())


def _sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE state IS NOT NULL")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_two_hundred_watchers_all_see_the_newest(edge: Edge) -> None:
    before = _sessions()

    async def play() -> list[float]:
        watchers = [await Watcher.open(edge, "FS-200") for _ in range(200)]
        idle = _threads(edge.process)
        await asyncio.sleep(0.2)
        last: list[float] = []
        for n in range(5):
            frame = b'{"n":%d}' % n
            seen = [asyncio.create_task(w.until(frame)) for w in watchers]
            sent = time.monotonic()
            channel.publish("FS-200", frame)
            last += [at - sent for at in await asyncio.gather(*seen)]
        assert _threads(edge.process) <= idle
        for watcher in watchers:
            await watcher.close()
        return sorted(last)

    delays = played(play)
    assert len(delays) == 1000
    assert delays[int(0.99 * len(delays))] < 1.0
    assert _sessions() == before


def test_a_watcher_that_never_reads_hurts_nobody(edge: Edge) -> None:
    big = b'{"x":"' + b"y" * 200_000 + b'"}'

    async def play() -> float:
        mute = await Watcher.open(edge, "FS-SLOW")
        good = await Watcher.open(edge, "FS-SLOW")
        await asyncio.sleep(0.2)
        for _ in range(100):
            channel.publish("FS-SLOW", big)
        sent = time.monotonic()
        channel.publish("FS-SLOW", b'{"last":1}')
        took = await good.until(b'{"last":1}') - sent
        await mute.close()
        await good.close()
        return took

    assert played(play) < 3


def test_whoever_comes_late_sees_the_last_frame_at_once(edge: Edge) -> None:
    async def play() -> bytes:
        channel.publish("FS-LATE", b'{"n":1}')
        watcher = await Watcher.open(edge, "FS-LATE")
        frame = await watcher.next()
        await watcher.close()
        return frame

    assert played(play) == b'{"n":1}'


def test_the_stream_mends_itself_when_the_server_drops_it(edge: Edge) -> None:
    async def play() -> None:
        watcher = await Watcher.open(edge, "FS-CUT")
        await asyncio.sleep(0.2)
        client = redis_package.Redis.from_url(settings.REDIS_URL)
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        channel.publish("FS-CUT", b'{"again":1}')
        client.close()
        assert await watcher.next() == b'{"again":1}'
        await watcher.close()

    played(play)


@pytest.mark.parametrize(
    "campaign,ticket", [("FS-1", ""), ("FS-1", "x"), ("FS-1", None)]
)
def test_without_its_own_ticket_nobody_watches(
    edge: Edge, campaign: str, ticket: str | None
) -> None:
    other = tickets.issue(1, "FS-2") if ticket is None else ticket
    answer = http.get(edge.url(campaign, other))
    assert answer.status_code == 401


def test_pages_of_the_console_may_read_it_and_no_others(edge: Edge) -> None:
    for origin, allowed in (
        (settings.PUBLIC_URL, True),
        (settings.PUBLIC_URL.replace("127.0.0.1", "localhost"), True),
        ("http://evil.example", False),
    ):
        answer = http.get(edge.url("FS-1", "x"), headers={"Origin": origin})
        granted = answer.headers.get("access-control-allow-origin")
        assert (granted == origin) is allowed


def test_other_paths_and_methods_are_not_streams(edge: Edge) -> None:
    base = f"http://127.0.0.1:{edge.port}"
    assert http.get(f"{base}/live/stream/").status_code == 404
    assert http.post(edge.url("FS-1")).status_code == 404


def test_stopping_the_server_ends_open_streams_at_once() -> None:
    """By itself the server would wait for them until it is killed."""
    with running() as edge:

        async def play() -> float:
            watcher = await Watcher.open(edge, "FS-STOP")
            began = time.monotonic()
            edge.process.terminate()
            rest = await asyncio.wait_for(watcher.reader.read(), LIMIT_S)
            assert b"data:" not in rest
            await watcher.close()
            return began

        began = played(play)
        edge.process.wait(10)
        assert time.monotonic() - began < 3
