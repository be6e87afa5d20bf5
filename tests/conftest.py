"""Real PostgreSQL and Valkey for every run, private to it."""

from __future__ import annotations

import atexit
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from console.shell.stack.postgres import Postgres, stop
from console.shell.stack.valkey import Valkey


def _servers() -> None:
    """Start both before Django reads its settings; they end with this process."""
    home = tempfile.TemporaryDirectory(prefix="doorbuster-test-")
    root = Path(home.name)
    os.environ["DATA_DIR"] = str(root)
    os.environ["PRIVATE_HOSTS_ALLOWED"] = "127.0.0.1:*"
    os.environ["SECRET_KEY"] = "tests-only"
    children: list[subprocess.Popen[bytes]] = []
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(root / "pg", root / "run", root / "pg.log")
        children.append(postgres.start())
        os.environ["DATABASE_URL"] = postgres.url
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(root / "valkey", root / "run", root / "valkey.log")
        children.append(valkey.start())
        os.environ["REDIS_URL"] = valkey.url
    atexit.register(home.cleanup)
    for child in children:
        atexit.register(stop, child)


_servers()


@pytest.fixture(autouse=True)
def _plain_static_files(settings: object) -> None:
    """Templates name static files without a collected manifest."""
    settings.STORAGES = settings.STORAGES | {  # type: ignore[attr-defined]
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    }
