"""A bench in a process of its own, without what the tests put into the environment."""

from __future__ import annotations

import os
import subprocess
import sys

from config.env import ROOT

OURS = {"SECRET_KEY", "SECRET_KEYS_AT_REST", "DATA_DIR", "DATABASE_URL"}


def at_home(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these words at the root of the project."""
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True
    )
