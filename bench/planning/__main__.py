"""Runs every figure of planning, each in a process of its own, in order of name."""

from __future__ import annotations

import subprocess
import sys
from pkgutil import iter_modules

from bench import planning


def main() -> None:
    """Run each module beside this one; stop at the first that fails."""
    for module in iter_modules(planning.__path__):
        if not module.name.startswith("_"):
            name = f"bench.planning.{module.name}"
            subprocess.run([sys.executable, "-m", name], check=True)


if __name__ == "__main__":
    main()
