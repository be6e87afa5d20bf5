"""The stage of the benches stands: a database of its own, and the real servers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from config.env import ROOT

PLAY = """
import urllib.request
from bench import stage
with stage.database(), stage.serving("config.asgi:application", ready="/healthz") as it:
    print(urllib.request.urlopen(it + "/healthz").status)
"""


# Nineteen of its twenty seconds are migrations, which the other tests copy instead.
@pytest.mark.soak
def test_the_gate_serves_on_a_database_of_its_own() -> None:
    ours = {"SECRET_KEY", "SECRET_KEYS_AT_REST", "DATA_DIR", "DATABASE_URL"}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-c", PLAY],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.stdout.strip(), done.returncode) == ("200", 0), done.stderr
