"""What a worker does while the bell is silent: it looks at the tables by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery.signals import worker_init
from django.db import close_old_connections

log = structlog.get_logger(__name__)


@dataclass
class Silence:
    """Without a stroke for `quiet_s`, broker or beat is gone: then `look` is called.

    look: does once what the stroke would have had done. every_s: how often meanwhile.
    """

    name: str
    look: Callable[[], object]
    every_s: float = 1.0
    quiet_s: float = 3.0
    heard_at: float = field(default_factory=time.monotonic)

    def heard(self) -> None:
        """A stroke came."""
        self.heard_at = time.monotonic()

    def watch(self) -> None:
        """Look by itself while it is silent, for as long as the process lives."""
        while True:
            time.sleep(self.every_s)
            if time.monotonic() - self.heard_at > self.quiet_s:
                self._look()

    def watch_in_worker(self) -> None:
        """Do so beside every Celery worker, also one that finds no broker yet."""
        worker_init.connect(self._begin, weak=False)

    def _begin(self, **_: Any) -> None:
        threading.Thread(target=self.watch, name=self.name, daemon=True).start()

    def _look(self) -> None:
        close_old_connections()
        try:
            self.look()
        except Exception:
            # Whatever one look meets, the watch is what is left when all else is gone.
            log.exception("cannot look", watch=self.name)
