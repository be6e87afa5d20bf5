"""What runs on one machine, and the environment each process gets."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from console.shell.stack.children import Child, spawn
from console.shell.stack.places import CannotStart, Places
from console.shell.stack.postgres import Postgres
from console.shell.stack.valkey import Valkey

WORKER = ["--pool", "threads", "--concurrency", "12", "--loglevel", "WARNING"]
WORKER += ["--without-gossip", "--without-mingle"]
BEAT = ["--loglevel", "WARNING", "--pidfile=", "--schedule"]


@dataclass(frozen=True)
class Stack:
    """The choices of one start: addresses, demo or not, and the project's folder."""

    places: Places
    project: Path
    host: str
    port: int
    edge_port: int
    sandbox_port: int
    demo: bool
    web_workers: int = 2

    @property
    def url(self) -> str:
        """Where this machine reaches the console."""
        return self.at(self.port)

    @property
    def public_url(self) -> str:
        """Where people open the console."""
        return os.environ.get("PUBLIC_URL") or self.url

    def _public_edge(self) -> str:
        """The edge server beside the console, as a browser reaches it."""
        public = urlsplit(self.public_url)
        return f"{public.scheme}://{_host(public.netloc)}:{self.edge_port}"

    def at(self, port: int) -> str:
        """An address of this stack; all interfaces are asked through the loopback."""
        every = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
        host = every.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def sandbox_url(self) -> str:
        """Where the pretend outside world answers, in demo mode."""
        return f"http://127.0.0.1:{self.sandbox_port}" if self.demo else ""

    def env(self) -> dict[str, str]:
        """The environment of every child."""
        token = (self.places.root / "sandbox_token").read_text()
        ours = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.places.root),
            "DEMO": "1" if self.demo else "0",
            "PUBLIC_URL": self.public_url,
            "EDGE_URL": os.environ.get("EDGE_URL", self._public_edge()),
            "ALLOWED_HOSTS": self._hosts(),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }
        if self.demo:
            ours |= {
                "SANDBOX_URL": self.sandbox_url,
                "SANDBOX_TOKEN": token,
                "SANDBOX_STATE": str(self.places.root / "sandbox.sqlite3"),
                "PRIVATE_HOSTS_ALLOWED": f"127.0.0.1:{self.sandbox_port}",
            }
        return dict(os.environ) | ours

    def _hosts(self) -> str:
        """Whom the web server answers to: those named, and we ourselves."""
        named = os.environ.get("ALLOWED_HOSTS", "localhost")
        return f"{named},{_host(urlsplit(self.url).netloc)}"

    def servers(self) -> list[Child]:
        """The embedded servers, unless others were named in the environment."""
        root, run, log = self.places.root, self.places.run, self.places.log
        found = []
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(root / "postgres", run, log / "postgres.log")
            found.append(Child("postgres", postgres.start, signal.SIGINT, grace_s=10))
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(root / "valkey", run, log / "valkey.log")
            found.append(Child("valkey", valkey.start))
        return found

    def workers(self) -> list[Child]:
        """Our own processes; each is ready when its starter returns."""
        web = ["--interface", "wsgi", "--workers", str(self.web_workers)]
        web += ["--blocking-threads", "4", "config.wsgi:application"]
        edge = ["--interface", "asgi", "--workers", "1", "--backlog", "4096"]
        edge += ["--backpressure", "4000", "config.asgi:application"]
        celery = ["-m", "celery", "-A", "config.celery"]
        found = [
            self._server("web", self.host, self.port, web),
            self._server("edge", self.host, self.edge_port, edge),
            self._child(
                "worker",
                [*celery, "worker", *WORKER],
            ),
            self._child(
                "beat",
                [*celery, "beat", *BEAT, str(self.places.root / "beat.db")],
            ),
        ]
        return found

    def sandbox(self) -> Child:
        """The pretend outside world; it starts first, for the seed fills it."""
        world = ["--interface", "asgi", "--workers", "1", "sandbox.app:app"]
        return self._server("sandbox", "127.0.0.1", self.sandbox_port, world)

    def manage(self, *words: str, say: Callable[[str], None]) -> None:
        """Run one of our own commands to its end, and pass on each line it prints.

        Raises:
            CannotStart: it failed; the sentence names its log.
        """
        log = self.places.log / f"{words[0]}.log"
        command = ["manage.py", *words]
        child = spawn(command, log=log, env=self.env(), cwd=self.project, piped=True)
        assert child.stdout
        for line in child.stdout:
            say(line.decode(errors="replace").rstrip())
        if child.wait():
            raise CannotStart(f"`manage.py {' '.join(words)}` failed: read {log}.")

    def _child(self, name: str, command: list[str]) -> Child:
        def start() -> subprocess.Popen[bytes]:
            log = self.places.log / f"{name}.log"
            return spawn(command, log=log, env=self.env(), cwd=self.project)

        return Child(name, start)

    def _server(self, name: str, host: str, port: int, words: list[str]) -> Child:
        command = ["-m", "granian", "--host", host, "--port", str(port)]
        command += ["--workers-kill-timeout", "5", "--no-ws", "--log-level", "warning"]
        return self._child(name, [*command, *words])


def _host(netloc: str) -> str:
    """The host of an address, without its port; IPv6 keeps its brackets."""
    return re.sub(r":\d+$", "", netloc)


def await_http(url: str, child: Child, *, within_s: float = 120.0) -> None:
    """Wait until an address answers 200.

    Raises:
        CannotStart: the process ended, or did not answer in time.
    """
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and not child.fallen():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise CannotStart(f"The {child.name} server did not answer at {url}: read its log.")
