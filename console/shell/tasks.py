"""Signs of life (the worker speaks for itself, beat through the bell it rings), and
housekeeping.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from console.shell import operations
from console.shell.rest import once

EVERY_S = 5.0
ANSWERS_LAST = timedelta(hours=24)


@shared_task(name="shell.heartbeat")
def heartbeat() -> None:
    """Beat rang, so beat is awake."""
    operations.beat("beat", now=timezone.now(), note="Rings on time")


@shared_task(name="shell.clear_sessions")
def clear_sessions() -> None:
    """Drop the rows of sessions that ended, and answers nobody repeats any more."""
    SessionStore.clear_expired()
    once.forget(before=timezone.now() - ANSWERS_LAST)


@worker_ready.connect
def _say_worker_is_awake(sender: Any = None, **_: Any) -> None:
    name = str(getattr(sender, "hostname", ""))
    threading.Thread(target=_speak_on, args=(name,), daemon=True).start()


def _speak_on(name: str) -> None:
    stop = threading.Event()
    while not stop.wait(EVERY_S):
        close_old_connections()
        try:
            operations.beat("worker", now=timezone.now(), note=name)
        except DatabaseError:
            continue
