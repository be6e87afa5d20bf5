"""A stage for benches: a database of their own, and servers as in production."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg

from console.shell.stack.postgres import Postgres, stop
from console.shell.stack.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
WRK = Path(__file__).resolve().parent / "wrk"


@contextmanager
def database(*, log_files: int = 40) -> Iterator[None]:
    """Embedded PostgreSQL with all tables and Valkey, and Django set up on them.

    log_files: of 16 MB, made before as on a server that has run for some days.
    """
    with tempfile.TemporaryDirectory(prefix="doorbuster-bench-") as home:
        root = Path(home)
        os.environ |= {
            "DATA_DIR": home,
            "SECRET_KEY": "bench",
            "SECRET_KEYS_AT_REST": "bench",
            "PYTHONWARNINGS": "ignore",
        }
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        server = Postgres(root / "pg", root / "run", root / "pg.log")
        valkey = Valkey(root / "valkey", root / "run", root / "valkey.log")
        children = [server.start(), valkey.start()]
        os.environ |= {"DATABASE_URL": server.url, "REDIS_URL": valkey.url}
        try:
            django.setup()
            _migrate()
            _settle()
            _make_log(server.url, log_files)
            yield
        finally:
            for child in children:
                stop(child)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _make_log(url: str, files: int) -> None:
    """Begin so many files of the log, and free them for what comes."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE TABLE bench_log (id int)")
        for number in range(files):
            db.execute("INSERT INTO bench_log VALUES (%s)", [number])
            db.execute("SELECT pg_switch_wal()")
        db.execute("DROP TABLE bench_log")
        db.execute("CHECKPOINT")


def _settle() -> None:
    """As a web worker does."""
    from config.settle import settle

    settle()


@contextmanager
def serving(target: str, *, interface: str = "asgi", ready: str = "/") -> Iterator[str]:
    """Granian with one worker on a free port; its address."""
    with served(target, interface=interface, ready=ready) as (url, _):
        yield url


@contextmanager
def served(
    target: str, *words: str, interface: str = "asgi", ready: str = "/"
) -> Iterator[tuple[str, int]]:
    """The same with more words for granian; its address, and its worker's parent."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", interface]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--log-level", "warning", *words, target]
    child = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url + ready, child)
        yield url, child.pid
    finally:
        child.terminate()
        child.wait(20)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"The server at {url} did not start; its words are above.")


def wrk(
    url: str, script: str, *args: str, connections: int = 64, seconds: int = 5
) -> dict[str, Any]:
    """What wrk measured from outside.

    Raises:
        SystemExit: it is not installed.
    """
    if not shutil.which("wrk"):
        raise SystemExit("This bench needs wrk: apt install wrk.")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(WRK / script), url, "--", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
