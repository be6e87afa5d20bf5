"""Giving back, then certifying, are killed before each statement: each happens once."""

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
from console.stock.models import Allocation, Level, SkuCertificate
from console.stock.rules import Item, Want
from tests import make
from tests.make import NOW
from tests.stock.faults.telling import Record, tell
from tests.stock.gatekit import database_of_tests, environment
from tests.stock.sealkit import recomputed
from tests.stock.shipkit import paid

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
END = NOW + timedelta(hours=1)
MOST = 200


@contextmanager
def dying() -> Iterator[subprocess.Popen[str]]:
    """Somebody who gives back, and dies where they are told."""
    command = [sys.executable, "-m", "tests.stock.faults.dying", str(END.timestamp())]
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


def ask(child: subprocess.Popen[str], number: int) -> str:
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(f"{number}\n")
    child.stdin.flush()
    return child.stdout.readline().strip()


def an_ended_sale() -> None:
    """Two SKUs at two places, with buffers, sold units, and a hold that has expired."""
    near, far = make.location("Near", position=1), make.location("Far", position=2)
    wants = []
    for code in ("A", "B"):
        sku = make.sku(code)
        make.level(sku, units=6, at=near)
        make.level(sku, units=9, at=far)
        wants.append(Want(sku.pk, 8, 1))
    stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    paid(("A", 3), ("B", 2))
    lines = [Item("A", 1), Item("B", 1)]
    stock.reserve("FS-1", lines=lines, buyer="late", key="l", ttl_s=60, now=NOW)
    stock.close_gate("FS-1", now=END)


def books() -> list[tuple]:
    """What the balances say: who has what, and where."""
    levels = Level.objects.order_by("pk").values_list(
        "on_hand", "committed", "allocated", "version"
    )
    locks = Allocation.objects.order_by("pk").values_list(
        "quantity", "taken", "returned_at"
    )
    return [*levels, *locks]


@pytest.mark.timeout(600)
def test_killed_before_any_statement_it_gives_back_once_and_certifies_in_the_end(
    record_property: Record,
) -> None:
    an_ended_sale()
    before, number, kills = books(), 1, 0
    with dying() as child:
        while ask(child, number) == "killed":
            kills += 1
            assert not SkuCertificate.objects.exists()
            assert queries.violations() == []
            if books() != before:
                break
            number += 1
            assert number < MOST
        after = books()
        number = 1
        while (answer := ask(child, number)) == "killed":
            kills += 1
            assert books() == after, f"given back again before statement {number}"
            assert not SkuCertificate.objects.exists()
            number += 1
        assert answer == "done"
        sealed = dict(SkuCertificate.objects.values_list("sku__code", "hash"))
        assert ask(child, MOST) == "done"
    tell({"kills": kills}, record_property)
    assert kills > 20
    assert books() == after != before
    assert queries.violations() == []
    levels = Level.objects.order_by("sku__code", "location__position")
    assert [(one.free, one.committed) for one in levels] == [
        (3, 3),
        (9, 0),
        (4, 2),
        (9, 0),
    ]
    assert sealed == recomputed("FS-1") and len(sealed) == 2
    assert SkuCertificate.objects.count() == 2
