"""A sale on a PostgreSQL of its own, which may be killed, and what buyers were told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx2
import psycopg

from config.env import ROOT
from console.shell.stack.postgres import Postgres, stop


@dataclass
class Sale:
    """A PostgreSQL of our own, a gate on it, and what buyers were told."""

    server: Postgres
    child: subprocess.Popen[bytes]
    url: str = ""
    token: str = ""
    told: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)

    def seed(self, units: int, skus: int = 1, ttl_s: int = 600) -> None:
        """Fill it with one sale."""
        words = [str(units), str(skus), str(ttl_s)]
        self.token = program(self.server, "-m", "tests.stock.faults.seed_sale", *words)

    def kill(self) -> None:
        """Kill -9 of every process of the server, at once."""
        listed = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        for pid in [self.child.pid, *map(int, listed.read_text().split())]:
            os.kill(pid, signal.SIGKILL)
        self.child.wait()

    def back(self) -> None:
        """Start it again on the same data."""
        self.child = self.server.start()

    def ask(self, http: httpx2.Client, key: str, sku: str) -> int:
        """Reserve one unit; the status, 0 when no answer came."""
        body = {"campaign": "FS-1", "buyer": key, "lines": [{"sku": sku, "units": 1}]}
        try:
            told = http.post(
                f"{self.url}/api/gate/v1/reservations",
                content=json.dumps(body),
                headers={
                    "Authorization": f"Bearer {self.token}",
                    "Idempotency-Key": key,
                },
            )
        except httpx2.TransportError:
            self.open[key] = sku
            return 0
        if told.status_code == 201:
            self.told[key] = told.json()["id"]
            self.open.pop(key, None)
        elif told.status_code in (429, 503):
            assert told.headers["retry-after"] == "1"
            self.open[key] = sku
        else:
            self.open.pop(key, None)
        return told.status_code

    def rows(self, sql: str) -> list[tuple]:
        """Ask the database itself."""
        with psycopg.connect(self.server.url) as db:
            return db.execute(sql).fetchall()


def program(server: Postgres, *words: str) -> str:
    """Run a program of ours on a database; what it printed."""
    env = os.environ | {
        "DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-W", "ignore", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(home: Path) -> Iterator[tuple[Postgres, subprocess.Popen[bytes]]]:
    """A PostgreSQL on the data in a folder, behind a socket with a short path."""
    run = Path(f"/tmp/db-{uuid4().hex[:8]}")
    server = Postgres(home / "pg", run, home / "pg.log")
    child = server.start()
    try:
        yield server, child
    finally:
        stop(child)
        for left in run.glob("*"):
            left.unlink()
        run.rmdir()
