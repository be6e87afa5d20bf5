"""A fresh world for each test of the run sheet."""

from __future__ import annotations

import pytest

from tests.runbook.kinds import world


@pytest.fixture(autouse=True)
def _fresh_world() -> None:
    world.reset()
