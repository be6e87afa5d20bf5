"""The addresses of a stack: how it asks itself, and how others reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.shell.stack.places import Places
from console.shell.stack.plan import Stack


def stack(root: Path, host: str = "127.0.0.1") -> Stack:
    places = Places(root / "data", root / "data/run")
    places.make()
    places.keep_secrets()
    return Stack(places, root, host, 8000, 8001, 8002, demo=False)


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "EDGE_URL", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
    ],
)
def test_all_interfaces_are_asked_through_the_loopback(
    tmp_path: Path, host: str, url: str
) -> None:
    assert stack(tmp_path, host).url == url


@pytest.mark.parametrize(
    ("host", "answered"), [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")]
)
def test_the_web_server_answers_whoever_checks_its_health(
    tmp_path: Path, host: str, answered: str
) -> None:
    assert answered in stack(tmp_path, host).env()["ALLOWED_HOSTS"].split(",")


def test_the_edge_is_found_beside_the_public_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://console.example.com:8000")
    env = stack(tmp_path, "0.0.0.0").env()
    assert env["EDGE_URL"] == "http://console.example.com:8001"
