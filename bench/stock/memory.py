"""How much memory a process of the gate holds, and what those who wait add to it.

`stock.gate_rss_mb`: resident memory of the worker after its first reservation, and with
1,000 and 2,000 requests (as many as its queue takes) that wait while PostgreSQL stands
still: every session of the gate is stopped as by a debugger, and nobody is answered
until the figure is taken. The peer of these is the same worker with as many open
connections that ask nothing. `stock.kb_per_1000_waiting` and
`stock.kb_per_1000_connections` are what a thousand add. Each is taken from a server of
its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench import medians, say, stage
from bench.stock._shop import GATE, HOT, PATH, ask, asking, seed
from bench.stock._size import ROUNDS

WAITING = (0, 1_000, 2_000)
TOGETHER = 200
ROOM = ("--backlog", "4096", "--backpressure", "4096")
"""By itself granian works on 1,024 at once and lets the rest wait unseen."""
SETTLED_S = 1.0
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name ~ 'doorbuster gate'"
Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def main() -> None:
    """Print the figures."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with stage.database():
        token = seed(HOT)
        works = {str(n): _measured(token, n) for n in WAITING}
        found = medians(works, rounds=ROUNDS)
    for waiting in WAITING:
        _say(waiting, *found[str(waiting)])


def _say(waiting: int, alone: float, linked: float, held: float) -> None:
    if not waiting:
        say("stock.gate_rss_mb", alone, "MB", n=ROUNDS)
        return
    say(f"stock.gate_rss_mb {waiting} waiting", held, "MB", peer=linked, n=ROUNDS)
    if waiting == WAITING[-1]:
        each = 1000 * 1024 / waiting
        say("stock.kb_per_1000_waiting", (held - linked) * each, "KB", n=ROUNDS)
        say("stock.kb_per_1000_connections", (linked - alone) * each, "KB", n=ROUNDS)


def _measured(token: str, waiting: int) -> Callable[[], Sequence[float]]:
    def run() -> Sequence[float]:
        with stage.served(GATE, *ROOM, ready="/healthz") as (url, parent):
            ask(url, token, HOT)
            return asyncio.run(_memory(url, parent, token, waiting))

    return run


async def _memory(url: str, parent: int, token: str, waiting: int) -> Sequence[float]:
    """Megabytes: alone, with so many connections, and with all of them waiting."""
    where = urlsplit(url)
    alone = rss_mb(parent)
    links = [
        await asyncio.open_connection(where.hostname, where.port)
        for _ in range(waiting)
    ]
    for some in (links[n : n + TOGETHER] for n in range(0, waiting, TOGETHER)):
        await _send(some, token)
        await asyncio.gather(*(_answered(link) for link in some))
    linked = rss_mb(parent)
    with _standing_still():
        await _send(links, token)
        await asyncio.sleep(SETTLED_S)
        held = rss_mb(parent)
        _check_nobody_was_answered(links)
    await asyncio.gather(*(_answered(link) for link in links))
    for _, writer in links:
        writer.close()
    return alone, linked, held


async def _send(links: Sequence[Link], token: str) -> None:
    for _, writer in links:
        headers, body = asking(token, HOT)
        headers |= {"Host": "bench", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()


async def _answered(link: Link) -> None:
    """Read one answer to its end.

    Raises:
        RuntimeError: it granted nothing.
    """
    head = (await link[0].readuntil(b"\r\n\r\n")).decode()
    size = re.search(r"(?i)content-length: (\d+)", head)
    told = await link[0].readexactly(int(size[1]) if size else 0)
    if " 201 " not in head.split("\r\n")[0]:
        raise RuntimeError(f"{head.splitlines()[0]} {told.decode()}")


def _check_nobody_was_answered(links: Sequence[Link]) -> None:
    early = sum(bool(reader._buffer) for reader, _ in links)  # type: ignore[attr-defined]
    if early:
        raise RuntimeError(f"{early} of {len(links)} did not wait")


@contextmanager
def _standing_still() -> Iterator[None]:
    """Stop every session of the gate, and let them go on in the end."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        sessions = [pid for (pid,) in db.execute(SESSIONS)]
    try:
        for pid in sessions:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in sessions:
            os.kill(pid, signal.SIGCONT)


def rss_mb(parent: int) -> float:
    """Resident megabytes of the largest child of a process."""
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    children = [pid for one in listed for pid in one.read_text().split()]
    return max(_rss_kb(pid) for pid in children) / 1024


def _rss_kb(pid: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
