"""The pretend world as a process, and the stand-in console it talks to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from standardwebhooks import Webhook, WebhookVerificationError

from config.env import ROOT
from tests.calls import http

TOKEN = "tests-token-of-the-sandbox"
SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHM="


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Sandbox:
    """A granian process that serves the sandbox."""

    def __init__(self, state: Path, *, seed: str = "tests") -> None:
        self.state, self.seed = state, seed
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> Sandbox:
        words = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
        words += ["--port", str(self.port), "--log-level", "warning", "--no-ws"]
        words += ["--workers-kill-timeout", "5", "sandbox.app:app"]
        env = os.environ | {
            "SANDBOX_TOKEN": TOKEN,
            "SANDBOX_STATE": str(self.state),
            "SANDBOX_SEED": self.seed,
        }
        self.child = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=env, start_new_session=True
        )
        auth = {"authorization": f"Bearer {TOKEN}"}
        self.http = httpx2.Client(
            base_url=self.url, headers=auth, timeout=10, verify=False
        )
        until(self._answers, within_s=15)
        return self

    def _answers(self) -> bool:
        try:
            return http.get(f"{self.url}/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.http.close()
        if self.child and self.child.poll() is None:
            os.killpg(self.child.pid, how)
            self.child.wait(15)

    def end_world(self) -> None:
        reply = self.http.delete("/world")
        assert reply.status_code == 200, reply.text

    def get(self, path: str, **params: Any) -> Any:
        reply = self.http.get(path, params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def put(self, path: str, body: Any) -> Any:
        reply = self.http.put(path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def sell(self, count: int = 4, *, stock: int = 100) -> list[str]:
        """Products S-1, S-2 … at 10.00, 20.00 …"""
        skus = [f"S-{number}" for number in range(1, count + 1)]
        rows = [
            {"sku": sku, "name": f"Shell {place}", "price": f"{place}0", "stock": stock}
            for place, sku in enumerate(skus, start=1)
        ]
        self.put("/shop/products", rows)
        return skus

    def price(self, campaign: str, **prices: str | None) -> Any:
        """Sale prices by SKU; an underscore stands for a dash."""
        spelled = {sku.replace("_", "-"): price for sku, price in prices.items()}
        return self.put("/shop/prices", {"campaign": campaign, "prices": spelled})


def until(true: Callable[[], Any], *, within_s: float = 60.0) -> Any:
    """Wait for something; what it was in the end."""
    deadline = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@dataclass
class Console:
    """A stand-in gate and webhook receiver, a real HTTP server.

    left: units per SKU; a SKU that is not in it is unlimited. fail: how many webhooks
    to answer with 500 first. closed: the code the gate refuses with.
    """

    left: dict[str, int] = field(default_factory=dict)
    fail: int = 0
    closed: str = ""
    hold_s: float = 60.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0
    failed_ids: list[str] = field(default_factory=list)

    def __enter__(self) -> Console:
        self.lock = threading.Lock()
        self.held: dict[str, dict[str, Any]] = {}
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with desk.lock:
                    status, told = desk.answer(self.path, dict(self.headers), body)
                spelled = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(spelled)))
                self.end_headers()
                self.wfile.write(spelled)
                self.wfile.flush()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A shopper who hangs up is no error of ours."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def config(self, **curve: Any) -> dict[str, Any]:
        """The settings that send shoppers here."""
        busy = {"peak_per_s": 30, "floor_per_s": 30, "pay_after_s": [0.05, 0.2]}
        return {
            "gate_url": self.url,
            "gate_token": "gate-token",
            "webhook_url": f"{self.url}/hooks",
            "webhook_secret": SECRET,
            "curve": busy | curve,
        }

    def answer(
        self, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        headers = {name.lower(): value for name, value in headers.items()}
        if path == "/hooks":
            return self._hook(headers, body)
        assert headers["authorization"] == "Bearer gate-token"
        if path.endswith("/release"):
            self.released.append(path.split("/")[-2])
            return 200, {"id": path.split("/")[-2], "state": "released"}
        assert path == "/api/gate/v1/reservations"
        return self._reserve(headers["idempotency-key"], json.loads(body))

    def _reserve(self, key: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.closed:
            return 409, {"code": self.closed, "message": "No."}
        if key in self.held:
            return 201, self.held[key]
        self.asked.append(told | {"key": key})
        for line in told["lines"]:
            if self.left.get(line["sku"], 1_000_000) < line["units"]:
                return 409, {"code": "not_enough_stock", "message": "Sold out."}
        for line in told["lines"]:
            if line["sku"] in self.left:
                self.left[line["sku"]] -= line["units"]
        expires = datetime.now(UTC) + timedelta(seconds=self.hold_s)
        answer = {"id": str(uuid.uuid4()), "state": "held", "lines": told["lines"]}
        self.held[key] = answer | {"expires_at": expires.isoformat()}
        return 201, self.held[key]

    def _hook(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            told = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError:
            self.forged += 1
            return 401, {}
        if self.fail:
            self.fail -= 1
            self.failed_ids.append(headers["webhook-id"])
            return 500, {}
        self.hooks.append(told | {"id": headers["webhook-id"]})
        return 200, {}
