"""The migrated database that every worker's own is copied from.

Run as a program it migrates the database of the tests' own server, once: whoever comes
meanwhile waits for it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "DOORBUSTER_TEST_TEMPLATE"
"""Names the folder of the server's lock and mark; unset if the server is another's."""
COMMAND = [sys.executable, "-m", "tests.template"]


def begin() -> subprocess.Popen[bytes] | None:
    """Start migrating beside what else is to be done first."""
    return subprocess.Popen(COMMAND, cwd=ROOT) if FOLDER in os.environ else None


def ready() -> str | None:
    """Wait for the template; its name, or None where nothing is to be copied."""
    if FOLDER not in os.environ:
        return None
    subprocess.run(COMMAND, cwd=ROOT, check=True)
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Wait before the first test that needs a database: its own time is limited."""
    if not session.config.option.collectonly and any(map(_asks, session.items)):
        ready()


def _asks(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server", "django_db_setup"}
    named = fixtures & set(getattr(item, "fixturenames", ()))
    return bool(named or item.get_closest_marker("django_db"))


def _migrate() -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)


def main(folder: Path) -> None:
    """Migrate unless that was done."""
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "template.done"
        if not done.exists():
            _migrate()
            done.touch()


if __name__ == "__main__":
    main(Path(os.environ[FOLDER]))
