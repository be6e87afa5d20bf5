"""The sandbox as a real process on a free port, for tests of whatever calls it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from console.shell.stack.children import Child, spawn
from console.shell.stack.plan import await_http
from tests.calls import http

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "tests-only-token"
SKUS = ["SHELL-S", "SHELL-M", "SHELL L/XL", "BOOT-42", "BOOT-43", "LAMP"]
GROUPS = [
    {"name": "web", "floor": 2, "maximum": 20, "lead_time_s": 0.5},
    {"name": "checkout", "floor": 1, "maximum": 12, "lead_time_s": 0.5},
]


@dataclass
class Sandbox:
    """A running sandbox."""

    url: str
    token: str = TOKEN

    def tell(self, method: str, path: str, body: Any = None) -> Any:
        """Use its API as its owner does, past our own client."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.url + path
        reply = http.request(method, url, json=body, headers=headers, timeout=10)
        reply.raise_for_status()
        return reply.json()

    def faults(self, **switches: Any) -> None:
        """Switch faults on; null switches one off."""
        self.tell("PUT", "/faults", switches)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One process for the whole run."""
    home = tmp_path_factory.mktemp("sandbox")
    port = _free_port()
    env = os.environ | {
        "SANDBOX_TOKEN": TOKEN,
        "SANDBOX_STATE": str(home / "state.sqlite"),
        "SANDBOX_SEED": "7",
    }
    command = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "sandbox.app:app"]
    log = home / "sandbox.log"
    child = Child("sandbox", lambda: spawn(command, log=log, env=env, cwd=ROOT))
    child.up()
    try:
        await_http(f"http://127.0.0.1:{port}/healthz", child)
        yield Sandbox(f"http://127.0.0.1:{port}")
    finally:
        child.ask_to_end()
        child.end()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A sandbox without faults, with two groups and six products at their start."""
    world = running_sandbox
    cache.clear()
    switches = dict.fromkeys(world.tell("GET", "/faults"))
    world.faults(**switches)
    world.tell("PUT", "/cloud/groups", GROUPS)
    products = [
        {"sku": sku, "name": f"Product {sku}", "price": "100.00", "stock": 50}
        for sku in SKUS
    ]
    world.tell("PUT", "/shop/products", products)
    tags = [f"sku-{sku}" for sku in SKUS]
    world.tell("POST", "/cdn/purge", {"tags": tags, "soft": False})
    return world
