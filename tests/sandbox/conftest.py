"""A running sandbox for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.stand import Console, Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A fresh world of its own."""
    running = Sandbox(tmp_path / "world.sqlite3").start()
    yield running
    running.stop()


@pytest.fixture
def console() -> Iterator[Console]:
    """A stand-in for gate and webhook receiver."""
    with Console() as standing:
        yield standing
