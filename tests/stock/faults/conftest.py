"""A PostgreSQL for each test that kills it, on a copy of data migrated once."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.shell.stack.postgres import BIN, Postgres, stop
from tests import template
from tests.stock.faults.salekit import Sale, program, serving


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server that was migrated and stopped, to be copied.

    Workers of a parallel run share it; whoever comes first makes it.
    """
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "migrated"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = home / "done"
        if not done.exists():
            _make(home)
            done.touch()
    return home / "pg"


def _make(home: Path) -> None:
    with serving(home) as (server, child):
        if template.ready():
            _copy(os.environ["DATABASE_URL"], server)
        else:
            program(server, "manage.py", "migrate", "--verbosity", "0")
        stop(child)


def _copy(url: str, server: Postgres) -> None:
    """The tables, functions and first rows of the tests' own migrated database."""
    dump = subprocess.run(
        [BIN / "pg_dump", "--no-owner", url], check=True, capture_output=True
    )
    command = [BIN / "psql", "-qX", "-v", "ON_ERROR_STOP=1", server.url]
    subprocess.run(command, input=dump.stdout, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def sale(migrated: Path, tmp_path: Path) -> Iterator[Sale]:
    """One for each test, because it is going to be killed."""
    shutil.copytree(migrated, tmp_path / "pg")
    with serving(tmp_path) as (server, child):
        found = Sale(server, child)
        yield found
        stop(found.child)
