"""The snapshot: exact tiles from known events, once for everybody, whatever is down."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from console.campaigns.models import Campaign
from console.live import (
    channel,
    frame,
    operations,
    queries,
    reading,
    sales,
    sampler,
)
from console.live.models import Alert, Pulse, Sample
from console.live.probes import ask_all, summary
from console.orders import operations as orders
from console.stock import operations as stock
from console.stock.models import Allocation
from console.stock.rules import Item, Want
from tests import make
from tests.live.conftest import OPENED, pay

pytestmark = pytest.mark.django_db(transaction=True)


def _snapshot(age_s: float) -> dict[str, Any]:
    """The board so long after the opening, as it travels."""
    sale = sales.named("FS-1")
    assert sale is not None
    now = OPENED + timedelta(seconds=age_s)
    facts = reading.read(sale, now=now, health=summary(now=now))
    return dict(json.loads(frame.encoded(frame.build(facts))))


def _stock(**units: int) -> None:
    """Lock units of SKUs for FS-1, ten of each held back."""
    wants = []
    for code, count in units.items():
        one = make.sku(code)
        make.level(one, units=count)
        wants.append(Want(one.pk, count, 10))
    stock.lock("FS-1", wants=wants, actor=None, now=OPENED)


def _hold(units: int, key: str) -> Any:
    lines = [Item("A", units)]
    return stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=OPENED).id


def test_fixture_events_give_exact_tiles(sale: Campaign) -> None:
    _stock(A=100, B=30)
    _hold(3, "x")
    stock.confirm(_hold(4, "y"), order="R", now=OPENED)
    for n in range(6):
        pay(f"A-{n}", units=2, sku="A", age_s=30 + 20 * n)
    pay("B-1", units=1, sku="B", age_s=125)
    seen = _snapshot(150)
    assert (seen["orders"], seen["state"]) == (7, "live")
    assert seen["newest_order_at"] == (OPENED + timedelta(seconds=130)).isoformat()
    numbers = seen["numbers"]
    assert numbers["per_minute"] == 3  # at 110, 125 and 130 s
    assert (numbers["revenue"], numbers["target"]) == ("1300.00", "2000.00")
    assert (numbers["units"], numbers["aov"]) == (13, "185.71")
    assert (numbers["sold"], numbers["sellable"]) == (4, 110)
    assert (numbers["reserved"], numbers["oversold"]) == (3, 0)
    rows = {row["sku"]: row for row in seen["skus"]}
    assert {
        k: rows["A"][k] for k in ("quantity", "buffer", "sold", "reserved", "left")
    } == {
        "quantity": 100,
        "buffer": 10,
        "sold": 4,
        "reserved": 3,
        "left": 83,
    }
    assert rows["A"]["per_min"] == round(12 / 2.5, 1)
    assert rows["A"]["eta"]["mid"] == round(83 / (12 / 2.5), 1)
    assert rows["B"]["eta"]["mid"] is None, "one unit is too few to say"


def test_stopped_units_are_told_and_have_no_time_to_sell_out(sale: Campaign) -> None:
    _stock(A=100, B=30)
    for n in range(6):
        pay(f"A-{n}", units=2, sku="A", age_s=30 + 20 * n)
    seen = _snapshot(150)
    assert seen["numbers"]["stopped"] == 0 and seen["skus"][0]["sku"] == "A"
    one = Allocation.objects.get(sku__code="A")
    stock.stop_sku([one.pk], actor=None, now=OPENED)
    seen = _snapshot(150)
    rows = {row["sku"]: row for row in seen["skus"]}
    assert (seen["numbers"]["stopped"], seen["numbers"]["sellable"]) == (90, 110)
    assert (rows["A"]["left"], rows["A"]["stopped"], rows["A"]["eta"]) == (90, 90, None)
    assert (rows["B"]["left"], rows["B"]["stopped"]) == (20, 0)
    assert not [one for one in seen["alerts"] if "sell" in one["title"]]


def test_points_are_whole_buckets_and_come_again(sale: Campaign) -> None:
    for n in range(30):
        pay(f"R-{n}", age_s=20 + n)
    width = reading.width_s(sales.of(sale))
    assert width == 15
    points = _snapshot(61)["points"]
    assert [rate for _, rate in points] == [0.0, 0.67, 1.0, 0.33]
    assert points[-1][0] == (OPENED + timedelta(seconds=45)).isoformat()


def test_unknown_is_null_and_never_nought(sale: Campaign) -> None:
    seen = _snapshot(1)
    assert seen["newest_order_at"] is None
    assert seen["numbers"]["aov"] is None
    assert seen["numbers"]["over_forecast"] is None
    assert seen["numbers"]["per_minute"] == 0


def test_every_group_of_numbers_says_as_of_when(sale: Campaign) -> None:
    Pulse.objects.create(part="Database", at=OPENED, state="ok", ms=1, note="")
    seen = _snapshot(5)
    at = (OPENED + timedelta(seconds=5)).isoformat()
    assert [part["at"] for part in seen["health"]] == [OPENED.isoformat()]
    assert seen["as_of"] == dict.fromkeys(("orders", "stock", "backlog", "steps"), at)


def test_the_sampler_sends_the_same_bytes_and_keeps_a_row_a_second(
    sale: Campaign,
) -> None:
    source = channel.writer().pubsub(ignore_subscribe_messages=True)
    source.subscribe("live:FS-1")
    source.get_message(timeout=1)
    for age in (0, 0.5, 1.0):
        assert sampler.sample(now=OPENED + timedelta(seconds=age), health=[]) == 1
    sent = [source.get_message(timeout=1) for _ in range(3)]
    assert all(json.loads(one["data"])["campaign"] == "FS-1" for one in sent if one)
    assert channel.writer().get("live:FS-1") == sent[-1]["data"]  # type: ignore[index]
    kept = list(Sample.objects.order_by("at").values_list("at", flat=True))
    assert kept == [OPENED, OPENED + timedelta(seconds=1)]
    source.close()


def test_two_hundred_screens_cost_what_one_costs(
    sale: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    _stock(A=100, B=30)
    pay("R-1", sku="A")
    with django_assert_max_num_queries(36):
        sampler.sample(now=OPENED + timedelta(seconds=3), health=[])


def test_more_skus_and_orders_cost_no_more_queries(
    sale: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    _stock(**{f"S{n}": 50 for n in range(30)})
    for n in range(30):
        pay(f"R-{n}", sku=f"S{n}")
    with django_assert_max_num_queries(36):
        sampler.sample(now=OPENED + timedelta(seconds=3), health=[])


def test_two_samplers_do_not_double(sale: Campaign) -> None:
    found: list[int] = []

    def other() -> None:
        found.append(sampler.sample(now=OPENED, health=[]))
        connection.close()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sampler.LOCK])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [0]
    assert not Sample.objects.exists()


def test_without_valkey_the_rows_are_still_written(
    sale: Campaign, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    channel.writer.cache_clear()
    try:
        began = timezone.now()
        assert sampler.sample(now=OPENED, health=[]) == 1
        assert (timezone.now() - began).total_seconds() < 2
    finally:
        channel.writer.cache_clear()
    assert Sample.objects.get().data["campaign"] == "FS-1"


def test_a_sale_that_ended_is_sampled_once_more(sale: Campaign) -> None:
    sampler.sample(now=OPENED, health=[])
    Campaign.objects.update(state="closed", closed_at=OPENED)
    assert sampler.sample(now=OPENED + timedelta(seconds=1), health=[]) == 1
    last = queries.last_sample("FS-1")
    assert last is not None and last.data["state"] == "closed"
    assert sampler.sample(now=OPENED + timedelta(seconds=1.5), health=[]) == 0


def test_one_cause_is_one_alert_until_it_is_over(sale: Campaign) -> None:
    step = make.step(kind="orders.drain", title="Open the sale")
    type(step).objects.filter(pk=step.pk).update(
        state="failed", error="The shop said no.", finished_at=OPENED
    )
    for age in (1, 2, 3):
        sampler.sample(now=OPENED + timedelta(seconds=age), health=[])
    alert = Alert.objects.get(key=f"step:{step.pk}")
    assert (alert.tone, alert.title) == ("bad", "Step failed: Open the sale")
    assert alert.opened_at == OPENED + timedelta(seconds=1)
    assert alert.seen_at == OPENED + timedelta(seconds=3)
    type(step).objects.filter(pk=step.pk).update(state="skipped", reason="done by hand")
    for age in (4, 7.9, 8):
        assert alert.closed_at is None
        sampler.sample(now=OPENED + timedelta(seconds=age), health=[])
        alert.refresh_from_db()
    assert alert.closed_at == OPENED + timedelta(seconds=8)


def test_no_orders_for_two_minutes_is_no_data_and_not_a_quiet_sale(
    sale: Campaign,
) -> None:
    sampler.sample(now=OPENED + timedelta(seconds=119), health=[])
    assert not Alert.objects.filter(key="drop").exists()
    sampler.sample(now=OPENED + timedelta(seconds=121), health=[])
    alert = Alert.objects.get(key="drop")
    assert (alert.tone, alert.title) == ("bad", "No order data for two minutes")


def test_a_sku_about_to_sell_out_is_told(sale: Campaign) -> None:
    _stock(A=60, B=60)
    for n in range(40):
        pay(f"R-{n}", sku="A", age_s=n)
    for n in range(3):
        stock.confirm(_hold(10, f"k{n}"), order=f"O{n}", now=OPENED)
    sampler.sample(now=OPENED + timedelta(seconds=60), health=[])
    alert = Alert.objects.get(key="soon")
    assert alert.title.endswith("sells out in about 1 min")
    assert alert.detail.startswith("20 left")
    for n in range(20):
        pay(f"B-{n}", sku="B", age_s=40 + n)
    sampler.sample(now=OPENED + timedelta(seconds=61), health=[])
    alert.refresh_from_db()
    assert alert.title == "2 SKUs sell out within 5 min"


def test_a_paused_relay_with_orders_waiting_is_told(sale: Campaign) -> None:
    make.connection("erp")
    to = orders.add_destination(
        "ERP", connection="erp", limit_per_s=10, actor=None, now=OPENED
    )
    orders.pause(to.pk, actor=None, now=OPENED)
    pay("R-1")
    sampler.sample(now=OPENED + timedelta(seconds=1), health=[])
    assert Alert.objects.get(key="relay-paused").title == "Relay to ERP is paused"


def test_the_backend_is_asked_and_told_with_its_age(
    sale: Campaign, settings: Settings
) -> None:
    settings.EDGE_URL = "http://127.0.0.1:1"
    make.connection("nowhere", base_url="http://127.0.0.1:1")
    ask_all(now=OPENED)
    parts = {part.name: part for part in summary(now=OPENED)}
    assert parts["Database"].state == "ok"
    assert parts["Edge server"].state == parts["nowhere"].state == "down"
    assert parts["nowhere"].errors == 1.0
    assert all(part.at == OPENED for part in parts.values())
    assert Pulse.objects.filter(part="Database").count() == 1


def test_old_boards_are_forgotten_but_for_the_last_of_each_sale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = make.NOW - operations.KEPT_FOR - timedelta(hours=1)
    for code, first in (("FS-1", old), ("FS-2", make.NOW)):
        for second in range(5):
            operations.keep_sample(code, {}, now=first + timedelta(seconds=second))
    monkeypatch.setattr(operations, "AT_ONCE", 3)
    assert operations.prune_samples(now=make.NOW) == 3
    assert operations.prune_samples(now=make.NOW) == 1
    assert operations.prune_samples(now=make.NOW) == 0
    assert Sample.objects.get(campaign="FS-1").at == old + timedelta(seconds=4)
    assert Sample.objects.filter(campaign="FS-2").count() == 5
