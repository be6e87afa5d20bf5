"""Prices as shoppers see them: pages through the edge, stale or wrong in the store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from console.prices import edge, sampling
from console.providers.client import Api
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.models import Connection
from console.runbook import operations as runbook
from console.runbook.rules import State
from tests.prices.pagekit import apply, look, run, seen, shop
from tests.sandboxed import SKUS, Sandbox

__all__ = ["shop"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, a tenth as long."""
    monkeypatch.setattr(edge, "AGAIN_AFTER_S", 0.3)
    monkeypatch.setattr(edge, "GIVE_UP_AFTER_S", 1.5)


def _warm(shop: Sandbox, *skus: str) -> None:
    """Let the edge keep the pages as they are."""
    client = SandboxShop(Api("shop", shop.url, shop.token))
    for sku in skus:
        assert client.page(sku, edge=True).price == 100


@pytest.mark.usefixtures("quick")
def test_a_fresh_edge_passes_at_once(shop: Sandbox) -> None:
    step = look(apply())
    assert (step.state, step.note) == (
        State.VERIFIED, "6 pages show it through the edge"
    )  # fmt: skip


@pytest.mark.usefixtures("quick")
def test_exactly_the_pages_that_are_old_in_the_edge_are_purged_again(
    shop: Sandbox,
) -> None:
    _warm(shop, "BOOT-42", "LAMP")
    step = look(apply())
    assert step.state == State.VERIFIED, step.error
    assert seen(step)["again"] == ["BOOT-42", "LAMP"]
    assert step.note == "6 pages show it through the edge, 2 purged again"


@pytest.mark.usefixtures("quick")
def test_an_edge_that_stays_stale_is_told_with_its_pages(shop: Sandbox) -> None:
    _warm(shop, "LAMP")
    shop.faults(cdn_purge_drop=1)
    step = look(apply())
    assert (step.state, step.error_kind) == (State.FAILED, "stale_edge")
    assert "the edge is stale: LAMP shows 100.00, not 70.00." in step.error
    assert seen(step)["stale"] == {"LAMP": "100.00"}


@pytest.mark.usefixtures("quick")
def test_a_retry_looks_and_purges_anew(shop: Sandbox) -> None:
    """The caches were put right by hand; only our next purge is still needed."""
    _warm(shop, "LAMP")
    shop.faults(cdn_purge_drop=1)
    step = look(apply())
    assert step.state == State.FAILED
    shop.faults(cdn_purge_drop=None)
    step = run(runbook.retry(step.pk, actor=None, now=timezone.now()))
    assert step.state == State.VERIFIED, step.error
    assert seen(step)["again"] == ["LAMP"]


def test_after_a_purge_the_edge_has_its_time_anew(shop: Sandbox) -> None:
    """Found stale long after the first look: purged now, and judged later."""
    _warm(shop, "LAMP")
    apply()
    client = SandboxShop(Api("shop", shop.url, shop.token))
    now, sample = timezone.now(), sampling.chosen(SKUS, seed="a")
    seen = {"since": (now - timedelta(minutes=5)).isoformat()}
    found = edge.work(client, sample, seen, key="look", now=now)
    assert found.pending
    assert found.values["since"] == now.isoformat()
    assert found.values["again"] == ["LAMP"]


@pytest.mark.usefixtures("quick")
def test_a_wrong_store_is_told_apart_from_a_stale_edge(shop: Sandbox) -> None:
    step = apply()
    shop.faults(shop_page_old=1)
    looked = look(step)
    assert (looked.state, looked.error_kind) == (State.FAILED, "page_differs")
    assert "the store itself is wrong: BOOT-42" in looked.error
    assert "the edge is stale" not in looked.error


def test_an_edge_at_a_private_address_is_not_called(shop: Sandbox) -> None:
    of = apply()
    Connection.objects.filter(name="shop").update(
        options={"edge_url": "http://10.1.2.3"}
    )
    step = look(of)
    assert (step.state, step.error_kind) == (State.FAILED, "address_not_allowed")
