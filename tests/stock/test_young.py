"""A new installation says that nobody could look yet, an older one that nobody did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from console.stock import clock
from console.stock import operations as stock
from console.stock.queries.young import YOUNG, young
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def installed(ago: timedelta) -> None:
    MigrationRecorder.Migration.objects.update(applied=clock.now() - ago)


def told(client: Client, name: str) -> str:
    return client.get(reverse(f"stock:{name}", args=["FS-1"]), **HTMX).text


@pytest.mark.parametrize("name,soon,never", [
    ("undersell", "First look within a minute", "Never looked for stuck units"),
    ("books", "First audit within a minute", "Ledger never audited"),
])  # fmt: skip
def test_before_anybody_could_look_it_is_said_when_they_will(
    viewer: Client, name: str, soon: str, never: str
) -> None:
    a_sale()
    installed(timedelta(seconds=20))
    page = told(viewer, name)
    assert soon in page and never not in page and "worker" not in page
    installed(YOUNG)
    page = told(viewer, name)
    assert never in page and "Is the worker awake?" in page and soon not in page


def test_what_was_looked_at_is_told_however_young(viewer: Client) -> None:
    make.allocation(quantity=3)
    installed(timedelta())
    stock.look_for_stuck(now=clock.now())
    assert "No stuck units" in told(viewer, "undersell")


def test_only_the_tables_of_stock_count() -> None:
    installed(YOUNG)
    MigrationRecorder.Migration.objects.exclude(app="stock").update(applied=clock.now())
    assert not young(clock.now())
