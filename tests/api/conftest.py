"""What the tests of the API share: callers, each with a token of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from console.campaigns.operations import imports
from console.people import tokens
from console.shell import policy
from tests import make

BASE = "/api/v1"


@dataclass
class Caller:
    """A program with a token that may all its owner may."""

    owner: User
    secret: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON; `_` in a header's name is a dash."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        said["Authorization"] = f"Bearer {self.secret}"
        kind = {} if body is None else {"content_type": "application/json"}
        return Client().generic(method, BASE + path, _json(body), headers=said, **kind)

    def get(self, path: str) -> Any:
        """A reply."""
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """A reply."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """A reply."""
        return self.send("PATCH", path, body, **headers)

    def put(self, path: str, body: Any) -> Any:
        """A reply."""
        return self.send("PUT", path, body)

    def upload(self, path: str, **form: Any) -> Any:
        """A form with files."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        return Client().post(BASE + path, form, headers=headers)


def _json(body: Any) -> str:
    import json

    return "" if body is None else json.dumps(body)


def caller(*roles: str, name: str = "") -> Caller:
    """Somebody with these roles, and their token."""
    owner = make.user(*roles, name=name)
    held = policy.permissions(frozenset(policy.Role(role) for role in roles))
    issued = tokens.issue("test", scopes=held, days=1, actor=owner, now=timezone.now())
    return Caller(owner, issued.secret)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears the bell: tests call the worker themselves."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


@pytest.fixture
def merchant(still_clock: None) -> Caller:
    return caller("merchandiser", name="aino")


@pytest.fixture
def approver(still_clock: None) -> Caller:
    return caller("approver", name="ruth")


@pytest.fixture
def operator(still_clock: None) -> Caller:
    return caller("operator", name="tomasz")
