"""Real workers, beat and broker as children of the test, to be killed and restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import redis
from psycopg.conninfo import make_conninfo

from console.runbook.models import Step
from console.shell.stack.children import spawn
from console.shell.stack.valkey import Valkey

CELERY = ["-m", "celery", "-A", "config.celery"]
WORKER = ["worker", "--pool", "threads", "--concurrency", "6", "--loglevel", "WARNING"]
WORKER += ["--without-gossip", "--without-mingle", "--hostname"]
BEAT = ["beat", "--loglevel", "WARNING", "--pidfile=", "--schedule"]
ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 5
PATIENCE_S = 60.0
"""How long a test waits for what must happen: these tests never measure speed."""


@dataclass
class Crew:
    """Names to processes; every name can be started, killed and started again."""

    home: Path
    database: str
    dials_url: str
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def valkey(self) -> Valkey:
        """The broker of this crew alone."""
        return Valkey(self.home / "valkey", self.home / "run", self.home / "valkey.log")

    def env(self) -> dict[str, str]:
        """What every child is told."""
        url = make_conninfo(os.environ["DATABASE_URL"], dbname=self.database)
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": url,
            "REDIS_URL": self.valkey.url,
            "DIALS_URL": self.dials_url,
            "STEP_LEASE_S": str(LEASE_S),
            "STEP_TICK_S": "0.5",
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, *names: str) -> None:
        """Start whoever does not run."""
        for name in names:
            if name not in self.running:
                self.running[name] = self._start(name)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        if name == "broker":
            return self.valkey.start()
        words = [*WORKER, f"{name}@test"]
        if name == "beat":
            words = [*BEAT, str(self.home / "beat.db")]
        log = self.home / f"{name}.log"
        return spawn([*CELERY, *words], log=log, env=self.env(), cwd=ROOT)

    def kill(self, *names: str) -> None:
        """SIGKILL, whole groups: nobody gets to say goodbye."""
        for name in names:
            child = self.running.pop(name, None)
            if child:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def freeze(self, name: str) -> None:
        """Stop a process where it stands."""
        self._tell(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on as if nothing had happened."""
        self._tell(name, signal.SIGCONT)

    def _tell(self, name: str, sign: signal.Signals) -> None:
        if name in self.running:
            os.killpg(self.running[name].pid, sign)

    def idle(self) -> bool:
        """True if no task waits; all were taken, or the broker is gone."""
        if "broker" not in self.running:
            return True
        with redis.Redis.from_url(self.valkey.url) as client:
            return client.llen("doorbuster") == 0

    def said(self, name: str, words: str) -> bool:
        """True if this process has written these words to its log."""
        return words in (self.home / f"{name}.log").read_text()

    def words(self) -> str:
        """The last lines of every log, for a failing test."""
        logs = sorted(self.home.glob("*.log"))
        return "\n".join(f"== {p.name}\n{p.read_text()[-2000:]}" for p in logs)


def until(true: Callable[[], bool], crew: Crew) -> None:
    """Wait until it is true.

    Raises:
        AssertionError: it did not become true in time; carries the steps and the logs.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        late = time.monotonic() > deadline
        assert not late, f"not within {PATIENCE_S} s\n{_steps()}\n{crew.words()}"
        time.sleep(0.05)


def _steps() -> str:
    """Every step as it stands, a line each, for a failing test."""
    rows = Step.objects.values_list("key", "state", "tries", "lease_until", "error")
    return "\n".join(" ".join(map(str, row)) for row in rows.order_by("pk"))
