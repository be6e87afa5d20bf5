"""The gate as a process of its own, over real HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from django.db import connection
from psycopg.conninfo import make_conninfo

from config.env import ROOT
from tests.calls import http


def database_of_tests() -> str:
    """How a child process reaches the database of this test run."""
    name = connection.settings_dict["NAME"]
    return make_conninfo(os.environ["DATABASE_URL"], dbname=name)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gate_process(
    database: str,
    *,
    target: str = "console.stock.gate:app",
    on_exit: signal.Signals = signal.SIGTERM,
) -> Iterator[str]:
    """Granian with the gate on a free port; its origin."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    env = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore",
    }
    words = [*command, target]
    child = subprocess.Popen(words, cwd=ROOT, env=env, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(f"{url}/api/gate/v1/openapi.json")
        yield url
    finally:
        os.killpg(child.pid, on_exit)
        _gone(child)


def _gone(child: subprocess.Popen[bytes]) -> None:
    """Nobody outlives the test, however busy the machine is."""
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _await(url: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if http.get(url, timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)
