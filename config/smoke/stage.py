"""The same stack as `manage.py up`, on free ports in a throw-away folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from config.env import ROOT

START_WITHIN_S = 150


class StageFailed(Exception):
    """The stack did not start; the message ends with its last words."""


@dataclass
class Stage:
    """A running stack; use it as a context manager.

    seed: how much demo, as `manage.py up --seed`.
    web, edge, sandbox: base addresses once it is entered.
    """

    seed: str = "retailer"
    web: str = ""
    edge: str = ""
    sandbox: str = ""

    def __enter__(self) -> Stage:
        """Start and wait until the console answers.

        Raises:
            StageFailed: it ended before it was ready.
        """
        self._home = tempfile.TemporaryDirectory(
            prefix="doorbuster-smoke-", ignore_cleanup_errors=True
        )
        self.data = Path(self._home.name)
        ports = free_ports(3)
        self.web, self.edge, self.sandbox = (f"http://127.0.0.1:{p}" for p in ports)
        names = ("--port", "--edge-port", "--sandbox-port")
        options = [
            part for pair in zip(names, map(str, ports), strict=True) for part in pair
        ]
        self.log = self.data / "up.log"
        with self.log.open("wb") as out:
            self._up = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--seed", self.seed, *options],
                cwd=ROOT,
                env=self._env(),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        try:
            self._await_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything and leave nothing behind."""
        self._stop()

    def _stop(self) -> None:
        self._up.send_signal(signal.SIGINT)
        try:
            self._up.wait(45)
        except subprocess.TimeoutExpired:
            self._up.kill()
        self._home.cleanup()

    def last_words(self) -> str:
        """The end of every log, for a person who must find out why."""
        logs = [self.log, *sorted((self.data / "log").glob("*.log"))]
        return "\n".join(
            f"--- {log.name}\n"
            + "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            for log in logs
            if log.exists() and log.stat().st_size
        )

    def _env(self) -> dict[str, str]:
        ours = {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EDGE_URL"}
        kept = {k: v for k, v in os.environ.items() if k not in ours}
        return kept | {"DATA_DIR": str(self.data), "PYTHONUNBUFFERED": "1"}

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and self._up.poll() is None:
            if "Ready" in self.log.read_text(errors="replace"):
                return
            time.sleep(0.05)
        raise StageFailed(self.last_words())


def free_ports(count: int) -> list[int]:
    """So many ports nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for found in sockets:
            found.bind(("127.0.0.1", 0))
        return [found.getsockname()[1] for found in sockets]
    finally:
        for found in sockets:
            found.close()
