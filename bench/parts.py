"""Runs every figure of a room, each in a process of its own, in order of name."""

from __future__ import annotations

import subprocess
import sys
from pkgutil import iter_modules
from types import ModuleType


def run(room: ModuleType) -> None:
    """Run each module of a package; one that fails stops no other.

    A name that begins with an underscore is no figure. The words after the command go
    to each of them.

    Raises:
        SystemExit: naming those that failed.
    """
    names = [one.name for one in iter_modules(room.__path__)]
    modules = [f"{room.__name__}.{name}" for name in names if not name.startswith("_")]
    failed = [name for name in modules if _run(name)]
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")


def _run(module: str) -> int:
    command = [sys.executable, "-m", module, *sys.argv[1:]]
    return subprocess.run(command, check=False).returncode
