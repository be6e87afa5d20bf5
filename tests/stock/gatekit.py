"""The gate as a process of its own, over real HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
from django.db import connection
from psycopg.conninfo import make_conninfo

from config.env import ROOT
from tests.calls import http

GRANIAN = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"]


def database_of_tests() -> str:
    """How a child process reaches the database of this test run."""
    name = connection.settings_dict["NAME"]
    return make_conninfo(os.environ["DATABASE_URL"], dbname=name)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database: str) -> dict[str, str]:
    """What a process of ours is told that works on this database."""
    return os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore",
    }


@dataclass
class GateProcess:
    """Granian with a gate on a port of its own, which it keeps when started again."""

    database: str
    target: str = "console.stock.gate:app"
    words: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        command = [*GRANIAN, *where, "--log-level", "warning", *self.words, self.target]
        self.child = subprocess.Popen(
            command, cwd=ROOT, env=environment(self.database), start_new_session=True
        )
        _await(f"{self.url}/api/gate/v1/openapi.json")

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """End it and all its workers, if it runs."""
        child, self.child = self.child, None
        end(child, sign)


def end(child: subprocess.Popen[bytes] | None, sign: signal.Signals) -> None:
    """End a process and its group, if there is one; nobody outlives the test."""
    if child is None:
        return
    os.killpg(child.pid, sign)
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def gate_process(
    database: str,
    *,
    target: str = "console.stock.gate:app",
    on_exit: signal.Signals = signal.SIGTERM,
) -> Iterator[str]:
    """A gate while it is used; its origin."""
    gate = GateProcess(database, target)
    try:
        gate.start()
        yield gate.url
    finally:
        gate.end(on_exit)


def _await(url: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if http.get(url, timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)
