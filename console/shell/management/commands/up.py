"""`manage.py up`: the whole stack on one machine, from an empty folder."""

from __future__ import annotations

import os
import re
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from console.shell import demo
from console.shell.stack.children import Family
from console.shell.stack.places import CannotStart, Places, check_port
from console.shell.stack.plan import Stack, await_http
from console.shell.stack.postgres import ServerFailed

STOPS = (signal.SIGINT, signal.SIGTERM)


def _on_stop(family: Family) -> None:
    """Let a signal ask to stop; while the stack still starts, interrupt as well.

    Who watches looks five times a second whether it was asked. An exception there
    could fall between a child's lock being taken and given back, and the wait for its
    end would never end. A background job of a script begins with SIGINT ignored, so
    each signal is set by name.
    """

    def stop(_sign: int, _frame: FrameType | None) -> None:
        family.ask_to_end()
        if not family.watched:
            raise KeyboardInterrupt

    for sign in STOPS:
        signal.signal(sign, stop)


class Command(BaseCommand):
    """Starts servers, web, edge, worker, beat and sandbox; Ctrl-C stops them all."""

    help = "Start Doorbuster on this machine: database, cache, servers, workers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Addresses, and what to fill an empty database with."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--edge-port", type=int, default=8001)
        parser.add_argument("--sandbox-port", type=int, default=8002)
        parser.add_argument("--no-demo", action="store_true", help="no demo retailer")
        parser.add_argument(
            "--seed", choices=["demo", "retailer"], default="demo", help="how much demo"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start, wait, stop.

        Raises:
            SystemExit: 1, after one sentence, when the stack cannot start.
        """
        self.began = time.monotonic()
        try:
            self._run(self._stack(options), options)
        except (CannotStart, ServerFailed) as error:
            self.stderr.write(self.style.ERROR(str(error)))
            raise SystemExit(1) from error

    def _stack(self, options: dict[str, Any]) -> Stack:
        local = options["host"] in {"127.0.0.1", "localhost", "::1"}
        if not options["no_demo"] and not local:
            raise CannotStart(
                f"Demo logins need no password, so they stay off {options['host']}: "
                "add --no-demo, or leave out --host."
            )
        named = os.environ.get("PUBLIC_URL", "")
        if (named or not local) and not re.match(r"https?://[^/]", named):
            raise CannotStart(
                "Set PUBLIC_URL to the address people will open, such as "
                f"http://console.example.com:8000, to start on {options['host']}."
            )
        if named.startswith("https:") and "EDGE_URL" not in os.environ:
            raise CannotStart(
                "Set EDGE_URL as well: the edge server speaks no TLS, so behind https "
                "it needs an address of yours (empty where one origin serves both)."
            )
        return Stack(
            places=Places(settings.DATA_DIR.resolve(), settings.RUN_DIR),
            project=settings.BASE_DIR,
            host=options["host"],
            port=options["port"],
            edge_port=options["edge_port"],
            sandbox_port=options["sandbox_port"],
            demo=not options["no_demo"],
        )

    def _run(self, stack: Stack, options: dict[str, Any]) -> None:
        stack.places.make()
        if not stack.demo and self._mark(stack).exists():
            raise CannotStart(
                f"{stack.places.root} holds the demo retailer, whose passwords "
                "everybody knows: set DATA_DIR to another folder, or leave out "
                "--no-demo."
            )
        lock = stack.places.lock()
        self._check_ports(stack)
        stack.places.keep_secrets()
        family = Family(say=self._warn)
        _on_stop(family)
        try:
            self._start(stack, family, options)
            self._greet(stack)
            family.watch()
        except KeyboardInterrupt:
            pass
        finally:
            for sign in STOPS:
                signal.signal(sign, signal.SIG_IGN)
            self._say("Stopping")
            family.end()
            lock.close()

    def _start(self, stack: Stack, family: Family, options: dict[str, Any]) -> None:
        for server in stack.servers():
            self._say(f"Starting {server.name}")
            family.add(server)
        self._say("Updating the database")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if stack.demo:
            sandbox = stack.sandbox()
            family.add(sandbox)
            await_http(f"{stack.sandbox_url}/healthz", sandbox)
            self._seed(stack, options["seed"])
        self._say("Starting web, edge, worker and beat")
        for child in stack.workers():
            family.add(child)
        web, edge = family.children[-4:-2]
        await_http(f"{stack.url}/healthz", web)
        await_http(f"{stack.at(stack.edge_port)}/healthz", edge)

    def _seed(self, stack: Stack, depth: str) -> None:
        """Fill an empty database; the mark only saves the time to ask again."""
        mark = self._mark(stack)
        if mark.exists():
            return
        self._say("Seeding the demo retailer (first start only)")
        stack.manage("seed_demo", "--depth", depth, say=self._say)
        mark.touch()

    @staticmethod
    def _mark(stack: Stack) -> Path:
        return stack.places.root / "seeded"

    def _check_ports(self, stack: Stack) -> None:
        check_port(stack.host, stack.port, what="console", option="--port")
        check_port(stack.host, stack.edge_port, what="edge", option="--edge-port")
        if stack.demo:
            check_port(
                "127.0.0.1", stack.sandbox_port, what="sandbox", option="--sandbox-port"
            )

    def _greet(self, stack: Stack) -> None:
        self._say("Ready")
        self.stdout.write(f"\n  Doorbuster   {stack.public_url}")
        if stack.demo:
            self.stdout.write(f"  Sandbox      {stack.sandbox_url}\n")
            for person in demo.PEOPLE:
                self.stdout.write(
                    f"  {person.role.value:<13}{person.username:<9}{demo.PASSWORD}"
                )
        self.stdout.write(f"\n  Logs in {stack.places.log}. Ctrl-C stops everything.\n")
        self.stdout.flush()

    def _say(self, what: str) -> None:
        self.stdout.write(f"{time.monotonic() - self.began:5.1f} s  {what}")
        self.stdout.flush()

    def _warn(self, what: str) -> None:
        self.stderr.write(self.style.WARNING(what))
