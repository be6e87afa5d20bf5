"""Intake and replay are killed before each statement: each movement counts once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from config.env import ROOT
from console.stock import operations as stock
from console.stock import queries
from tests import make
from tests.stock.faults.telling import Record, tell
from tests.stock.faults.test_dying import MOST, ask
from tests.stock.feedkit import NOW, feed, mugs, on_hand, say, states, told
from tests.stock.gatekit import database_of_tests, environment

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
END = NOW + timedelta(hours=1)


@contextmanager
def dying(act: str) -> Iterator[subprocess.Popen[str]]:
    """Somebody who takes in, or replays, and dies where they are told."""
    stamp = str(END.timestamp())
    command = [sys.executable, "-m", "tests.stock.faults.dying_feed", stamp, act]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(database_of_tests()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def killed_at_each_statement(act: str, allowed: set[int]) -> int:
    """Ask until it gets through; how often it died. allowed: what on hand may say."""
    number = 1
    with dying(act) as child:
        while (answer := ask(child, number)) == "killed":
            assert on_hand() in allowed, f"before statement {number}"
            assert queries.violations() == []
            number += 1
            assert number < MOST
        assert answer == "done"
    return number - 1


@pytest.mark.timeout(300)
def test_killed_before_any_statement_of_a_replay_each_movement_is_booked_once(
    record_property: Record,
) -> None:
    level = mugs(100)
    wants = [make.Want(level.sku_id, 40, 0)]
    stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    stock.raise_fence("FS-1", actor=None, now=NOW)
    till = feed()
    say(till, told("c", "counted", 90, age_s=60), told("g", "received", 5, age_s=5))
    say(till, told("r", "returned", 2, age_s=1))
    stock.return_units("FS-1", actor=None, now=END)
    kills = killed_at_each_statement("replay", {100, 97})
    tell({"kills": kills}, record_property)
    assert kills > 10
    assert (on_hand(), set(states().values())) == (97, {"applied"})
    assert stock.book_due(now=END + timedelta(minutes=5)) == 0
    assert queries.violations() == []


@pytest.mark.timeout(300)
def test_killed_before_any_statement_of_an_intake_a_repetition_makes_it_whole(
    record_property: Record,
) -> None:
    """What was kept and not booked is booked by the bell, or by who sends it again."""
    mugs(100)
    feed()
    kills = killed_at_each_statement("take_in", {100, 92})
    tell({"kills": kills}, record_property)
    assert kills > 10
    stock.book_due(now=END + timedelta(seconds=10))
    assert (on_hand(), set(states().values())) == (92, {"applied"})
    assert queries.violations() == []
