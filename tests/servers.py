"""A PostgreSQL and a Valkey for this run, started before settings are read.

Workers of a parallel run share the PostgreSQL, each with a database of its own, and
have a Valkey each. DATABASE_URL (of a superuser) and REDIS_URL named by the caller are
used instead.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from console.shell.stack.postgres import Postgres, stop
from console.shell.stack.valkey import Valkey
from tests import template

OURS = "DOORBUSTER_TEST_SERVERS"
# Nothing in it outlives the run, so nothing is written for the day the power fails.
FORGETFUL = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


def pytest_configure(config: pytest.Config) -> None:
    """Where workers collect for a while, the template is migrated meanwhile."""
    if getattr(config.option, "numprocesses", None):
        early = template.begin()
        if early:
            atexit.register(_end, early)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    child.wait()


def _start() -> None:
    home = tempfile.TemporaryDirectory(prefix="doorbuster-test-")
    atexit.register(home.cleanup)
    root = Path(home.name)
    (root / "static").mkdir()
    os.environ["DATA_DIR"] = str(root)
    os.environ["PRIVATE_HOSTS_ALLOWED"] = "127.0.0.1:*"
    os.environ["SECRET_KEY"] = "tests-only"
    os.environ["SECRET_KEYS_AT_REST"] = "tests-only"
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(root / "pg", root / "run", root / "pg.log")
        postgres.prepare()
        with (postgres.data / "postgresql.conf").open("a") as conf:
            conf.write(FORGETFUL)
        atexit.register(stop, postgres.start())
        os.environ["DATABASE_URL"] = postgres.url
        os.environ[template.FOLDER] = str(root)
    if not os.environ.get("REDIS_URL") or os.environ.get(OURS):
        valkey = Valkey(root / "valkey", root / "run", root / "valkey.log")
        atexit.register(stop, valkey.start())
        os.environ["REDIS_URL"] = valkey.url
        os.environ[OURS] = "1"


_start()
