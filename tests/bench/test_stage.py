"""The stage of the benches stands: a database of its own, and the real servers."""

from __future__ import annotations

import pytest

from tests.bench.play import at_home

PLAY = """
import urllib.request
from bench import stage
with stage.database(), stage.serving("config.asgi:application", ready="/healthz") as it:
    print(urllib.request.urlopen(it + "/healthz").status)
"""


# Nineteen of its twenty seconds are migrations, which the other tests copy instead.
@pytest.mark.soak
def test_the_gate_serves_on_a_database_of_its_own() -> None:
    done = at_home("-c", PLAY)
    assert (done.stdout.strip(), done.returncode) == ("200", 0), done.stderr
