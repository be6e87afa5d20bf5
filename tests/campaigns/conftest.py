"""What the tests of this room share."""

from __future__ import annotations

import pytest
from django.test import Client

from console.campaigns.models import Campaign
from console.campaigns.operations import imports
from tests import make
from tests.sandboxed import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(make.user("merchandiser", name="aino"))
    return client


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears the bell: tests call the worker themselves."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


@pytest.fixture
def campaign() -> Campaign:
    """A draft with one line of SKU A, and SKUs B and C beside it."""
    made = make.campaign(lines=0)
    make.line(made, author=made.author, code="A")
    for code in ("B", "C"):
        make.level(make.sku(code))
    return made
