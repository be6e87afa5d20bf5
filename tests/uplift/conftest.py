"""What the tests of this room share."""

from __future__ import annotations

import pytest

from console.uplift.operations import imports, studies


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears the bells: tests call the workers themselves."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)
    monkeypatch.setattr(studies, "ring", lambda: None)
