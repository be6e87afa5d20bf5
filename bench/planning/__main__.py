"""Runs every figure of planning, each in a process of its own, in order of name."""

from __future__ import annotations

import subprocess
import sys
from pkgutil import iter_modules

from bench import planning


def _run(module: str) -> int:
    return subprocess.run([sys.executable, "-m", module], check=False).returncode


def main() -> None:
    """Run each module beside this one; one that fails stops no other.

    Raises:
        SystemExit: naming those that failed.
    """
    names = [one.name for one in iter_modules(planning.__path__)]
    modules = [f"bench.planning.{name}" for name in names if not name.startswith("_")]
    failed = [name for name in modules if _run(name)]
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
