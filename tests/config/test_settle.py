"""What a web worker does before its first request."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

from config.env import ROOT

STARTED = """
import gc, sys
import config.wsgi
print("console.campaigns.views.calendar" in sys.modules, gc.get_freeze_count())
"""


def test_pages_are_loaded_and_out_of_the_collectors_rounds() -> None:
    """A process without it has nothing frozen."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STARTED],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )
    loaded, frozen = done.stdout.split()
    assert loaded == "True", done.stderr
    assert int(frozen) > 100_000
    assert gc.get_freeze_count() == 0
