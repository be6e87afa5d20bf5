"""A gate process for the tests of this room."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from console.stock import operations as stock
from console.stock.operations import imports
from console.stock.tokens import PATIENCE_S
from tests import make
from tests.make import NOW
from tests.stock.gatekit import database_of_tests, gate_process
from tests.stock.shopkit import Shelf, shelf


@dataclass(frozen=True)
class Door:
    """A running gate and a key that opens all of it."""

    url: str
    token: str


@pytest.fixture(scope="session")
def gate_url(django_db_setup: None) -> Iterator[str]:
    """One gate process for the whole run."""
    with gate_process(database_of_tests()) as url:
        yield url


@pytest.fixture
def door(gate_url: str, transactional_db: None) -> Door:
    """The gate with a key of this test."""
    token = stock.issue_token("shop", actor=None, now=NOW)
    time.sleep(PATIENCE_S + 0.05)
    return Door(gate_url, token)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears the bell: tests call the worker themselves."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make.user("operator", name="Tomasz"))
    return client


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make.user("viewer"))
    return client


@pytest.fixture
def no_constraint(transactional_db: None) -> Iterator[None]:
    """The CHECK behind the gate, taken away and put back."""
    drop = "ALTER TABLE stock_allocation DROP CONSTRAINT allocation_never_oversold"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        yield
        cursor.execute("DELETE FROM stock_source")
        cursor.execute("DELETE FROM stock_allocation")
        cursor.execute(
            "ALTER TABLE stock_allocation ADD CONSTRAINT allocation_never_oversold"
            " CHECK (sellable >= 0)"
        )


@pytest.fixture
def shop() -> Iterator[Shelf]:
    caches["shared"].clear()
    with shelf() as one:
        yield one
