"""Child processes: started, watched, started again when they fall, stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
RESTART_AFTER_S = 1.0
SETTLED_AFTER_S = 30.0


@dataclass
class Child:
    """One process of the stack.

    start: starts it and returns when it may be used.
    stop_signal: what asks it to end; grace_s: seconds it gets before it is killed.
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 8.0
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    again_at: float = 0.0
    started_at: float = field(default_factory=time.monotonic)

    def up(self) -> None:
        """Start it."""
        self.process = self.start()
        self.started_at = time.monotonic()

    def fallen(self) -> bool:
        """True if it ran and ended."""
        return self.process is not None and self.process.poll() is not None

    def ask_to_end(self) -> None:
        """Send the stop signal, if it still runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def end(self) -> None:
        """Wait for the end; kill the whole group when the grace is over."""
        if self.process is None:
            return
        try:
            self.process.wait(self.grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace_s)


@dataclass
class Family:
    """All children, in the order they were started."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    ending: bool = False
    watched: bool = False

    def add(self, child: Child) -> None:
        """Start a child and keep an eye on it."""
        child.up()
        self.children.append(child)

    def ask_to_end(self) -> None:
        """Let `watch` return at its next look."""
        self.ending = True

    def watch(self) -> None:
        """Start again whoever fell, until asked to end."""
        self.watched = True
        while not self.ending:
            for child in self.children:
                self._mend(child)
            time.sleep(0.2)

    def _mend(self, child: Child) -> None:
        now = time.monotonic()
        if not child.fallen() or now < child.again_at:
            return
        code = child.process.returncode if child.process else None
        settled = now - child.started_at > SETTLED_AFTER_S
        child.falls = 1 if settled else child.falls + 1
        child.again_at = now + min(30.0, RESTART_AFTER_S * 2 ** (child.falls - 1))
        self.say(f"{child.name} ended with code {code}; starting it again")
        try:
            child.up()
        except Exception as error:
            self.say(f"{child.name} did not come back: {error}")

    def end(self) -> None:
        """Stop everybody, last started first: those who write before those who keep."""
        self.ending = True
        servers = {"postgres", "valkey"}
        workers = [child for child in self.children if child.name not in servers]
        for child in workers:
            child.ask_to_end()
        for child in workers:
            child.end()
        for child in reversed(self.children):
            if child.name in servers:
                child.ask_to_end()
                child.end()


def spawn(
    command: list[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    piped: bool = False,
) -> subprocess.Popen[bytes]:
    """Start our own Python on a command; it dies when we die, and logs to a file.

    piped: what it prints is for us to read; only its errors go to the log.
    """
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else out,
            stderr=out,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def die_with_parent(
    sign: signal.Signals, then: Callable[[], None] | None = None
) -> Callable[[], None]:
    """What a child does before exec so that it never outlives us (Linux only)."""
    libc = ctypes.CDLL(None)

    def before_exec() -> None:
        if then:
            then()
        if hasattr(libc, "prctl"):
            libc.prctl(PR_SET_PDEATHSIG, int(sign))

    return before_exec
