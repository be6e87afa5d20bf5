"""Where one installation keeps its things, and whether it may."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from console.errors import Refusal


class CannotStart(Refusal):
    """The stack cannot start; the sentence says what to do."""

    code = "cannot_start"


@dataclass(frozen=True)
class Places:
    """The folders below the data directory."""

    root: Path
    run: Path

    @property
    def log(self) -> Path:
        """One log file per process."""
        return self.root / "log"

    def make(self) -> None:
        """Create the folders, readable by their owner only.

        Raises:
            CannotStart: the data directory cannot be written, or somebody else made
                the folder of the sockets.
        """
        try:
            for folder in (self.root, self.run, self.log):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.root / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise CannotStart(
                f"{self.root} cannot be written ({error.strerror}): "
                "give write permission, or set DATA_DIR to another folder."
            ) from error
        self._check_run()

    def _check_run(self) -> None:
        """The sockets may lie in a temporary folder whose name anybody can foresee."""
        found = self.run.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise CannotStart(
                f"{self.run} belongs to somebody else: have it deleted, or set "
                "DATA_DIR to a folder with a shorter path."
            )
        self.run.chmod(0o700)

    def keep_secrets(self) -> None:
        """Make the keys on first start, readable by their owner only."""
        for name in ("secret_key", "keys_at_rest", "sandbox_token"):
            path = self.root / name
            if not path.exists():
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w") as file:
                    file.write(secrets.token_urlsafe(48))

    def lock(self) -> IO[str]:
        """Hold the folder for this process; the system lets go when the process ends.

        Raises:
            CannotStart: another process holds it.
        """
        file = (self.root / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read()
            file.close()
            raise CannotStart(
                f"Doorbuster already runs from {self.root} (process {holder}): "
                "stop it first, or set DATA_DIR to another folder."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file


def check_port(host: str, port: int, *, what: str, option: str) -> None:
    """Refuse a port somebody else listens on.

    Raises:
        CannotStart: the port is taken or none (1 to 65535), or the host is not an
            address of this machine.
    """
    if not 1 <= port <= 65535:
        raise CannotStart(
            f"Port {port} for the {what} does not exist: "
            f"choose one from 1 to 65535 with {option}."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} for the {what} is not free ({error.strerror}): "
                f"stop what uses it, or choose another with {option}."
            ) from error
