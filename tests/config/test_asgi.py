"""How the edge server sets its own thread up."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import asgi

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="classes of Linux")


def _scheduled() -> int:
    asgi._give_way()
    return os.sched_getscheduler(0)


def test_the_thread_of_the_loop_gives_way_and_no_other_does() -> None:
    with ThreadPoolExecutor(1) as other:
        assert other.submit(_scheduled).result() == os.SCHED_BATCH
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_a_machine_that_forbids_it_serves_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    asgi._give_way()
