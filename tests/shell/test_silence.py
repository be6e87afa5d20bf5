"""A worker that hears no bell looks by itself, whatever one look meets."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import InterfaceError, OperationalError

from console.shell.silence import Silence
from tests.sandbox.stand import until


def watched(silence: Silence) -> Silence:
    threading.Thread(target=silence.watch, daemon=True).start()
    return silence


def test_while_the_bell_is_silent_it_looks() -> None:
    looks: list[float] = []
    watched(Silence("x", lambda: looks.append(1), every_s=0.01, quiet_s=0.05))
    until(lambda: len(looks) > 2)


def test_while_the_bell_rings_it_does_not() -> None:
    looks: list[float] = []
    silence = Silence("x", lambda: looks.append(1), every_s=0.01, quiet_s=30)
    watched(silence)
    for _ in range(10):
        silence.heard()
        time.sleep(0.01)
    assert looks == []


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, ValueError])
def test_no_error_ends_it(error: type[Exception]) -> None:
    looks: list[float] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise error("away")

    watched(Silence("x", look, every_s=0.01, quiet_s=0))
    until(lambda: len(looks) > 1)
