"""A running sandbox for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.stand import Console, Sandbox


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One process for all; whoever stops one or wants another seed starts their own."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "world.sqlite3").start()
    yield running
    running.stop()


@pytest.fixture
def sandbox(process: Sandbox) -> Iterator[Sandbox]:
    """A fresh world, ended with the test: nobody in it calls anybody any more."""
    process.end_world()
    yield process
    process.end_world()


@pytest.fixture
def console() -> Iterator[Console]:
    """A stand-in for gate and webhook receiver."""
    with Console() as standing:
        yield standing
