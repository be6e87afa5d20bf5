"""The report as people read it: before, during and after a sale."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.campaigns.models import Campaign
from console.orders.models import Outbox
from console.report import operations, queries, rules
from console.report.models import Result
from console.stock.models import Sku
from tests import make
from tests.report.conftest import CLOSED, CODE, OPENED, close, offer, pay

AFTER = CLOSED + timedelta(minutes=40)


@contextmanager
def clock_at(now: datetime) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: now)
        yield


@pytest.fixture
def viewer(client: Client, sale: Campaign) -> Iterator[Client]:
    """Somebody who looks after the sale, whatever day it is."""
    with clock_at(AFTER):
        client.force_login(make.user("viewer"))
        yield client


def page(client: Client, **asked: str) -> str:
    return client.get(reverse("report:report", args=[CODE]), asked).content.decode()


def sold_some() -> None:
    offer(("SKU-A", 10, 2), ("SKU-B", 5, 1))
    pay("a", units=2, age_s=10)
    pay("b", units=1, age_s=30)
    pay("c", sku="SKU-B", units=2, age_s=200)
    pay("d", sku="SKU-B", units=2, age_s=400)


def sent() -> None:
    for row in Outbox.objects.select_related("order"):
        row.state, row.sent_at = "sent", row.order.accepted_at + timedelta(seconds=8)
        row.save()


def test_before_the_opening_it_says_when_it_begins(viewer: Client) -> None:
    Campaign.objects.update(state="armed", opened_at=None)
    assert "The report begins with the opening" in page(viewer)


def test_a_sale_that_never_opened_says_so(viewer: Client) -> None:
    Campaign.objects.update(state="aborted", opened_at=None)
    assert "It never opened" in page(viewer)


def test_while_it_runs_it_is_so_far(viewer: Client, sale: Campaign) -> None:
    sold_some()
    with clock_at(OPENED + timedelta(minutes=10)):
        html = page(viewer)
    assert "So far, counted at" in html
    assert "Has taken <em>98.0% of its target</em>" in html
    assert "Issued when the sale is over" in html
    assert "4 accepted = 0 relayed + 4 queued + 0 dead" in html


def test_afterwards_every_total_is_exact(viewer: Client, sale: Campaign) -> None:
    sold_some()
    sent()
    close(sale)
    report = queries.report(CODE, now=AFTER)
    assert (report.orders, str(report.revenue)) == (4, "490.00")
    assert str(report.average) == "122.50"
    assert (report.sold, report.sellable, report.sell_through) == (7, 12, 7 / 12)
    assert (report.under_target, report.units_each) == (10, 1.75)
    assert [(r.code, r.sold, str(r.revenue)) for r in report.rows] == [
        ("SKU-B", 4, "280.00"),
        ("SKU-A", 3, "210.00"),
    ]
    assert report.rows[0].depth == pytest.approx(0.3)
    assert report.demand is not None
    assert sum(report.demand["orders"]) == 4
    assert (report.demand["first_minute"], report.demand["half_after_s"]) == (2, 30)
    assert report.demand["busiest"]["orders"] == 2
    assert report.relay is not None and report.relay["longest_s"] == 8
    assert report.certificate == {
        "locked": 15,
        "sold": 7,
        "unsold": 5,
        "buffer": 3,
        "reserved": 0,
        "left": 0,
        "balanced": True,
        "paid": 7,
        "entries": report.certificate["entries"] if report.certificate else 0,
        "returned": True,
    }
    html = page(viewer)
    assert "Every unit is accounted for" in html
    assert "4 accepted = 4 relayed + 0 queued + 0 dead" in html
    assert "Longest wait 8 s. All 4 orders arrived." in html
    assert "Missed its target by <em>2.0%</em> and sold <em>58.3%</em>" in html


def test_a_frozen_report_never_changes(viewer: Client, sale: Campaign) -> None:
    sold_some()
    close(sale)
    assert operations.freeze_due(now=AFTER) == [CODE]
    assert operations.freeze_due(now=AFTER) == []
    frozen = Result.objects.get()
    before = viewer.get(reverse("report:api", args=[CODE])).json()
    Sku.objects.update(name="Renamed")
    Campaign.objects.update(revenue_target=1)
    sent()
    with clock_at(AFTER + timedelta(minutes=1)):
        assert viewer.get(reverse("report:api", args=[CODE])).json() == before
        html = page(viewer)
    assert "Renamed" not in html and "Final, frozen" in html
    assert frozen.hash in html and rules.seal(frozen.data) == frozen.hash
    entry = Entry.objects.order_by("-position")[0]
    assert (entry.verb, entry.after) == ("report.freeze", {"hash": frozen.hash})


def test_an_order_after_the_freeze_is_told_not_added(
    viewer: Client, sale: Campaign
) -> None:
    sold_some()
    close(sale)
    operations.freeze(CODE, now=CLOSED)
    late = Outbox.objects.all()[0].order
    late.accepted_at = AFTER
    late.save()
    html = page(viewer)
    assert "1 order came in after the report was frozen" in html


def test_only_a_closed_sale_is_frozen(sale: Campaign) -> None:
    assert operations.freeze_due(now=AFTER) == []
    with pytest.raises(rules.NotFrozen):
        operations.freeze(CODE, now=AFTER)
    assert not Entry.objects.filter(verb="report.freeze").exists()


def test_a_step_still_at_work_delays_the_freeze(sale: Campaign) -> None:
    close(sale)
    step = make.step(kind="campaigns.close", plan=f"campaign:{CODE}")
    values = {"state": "running", "lease_until": AFTER, "started_at": OPENED}
    type(step).objects.filter(pk=step.pk).update(**values)
    assert operations.freeze_due(now=AFTER) == []


@pytest.mark.parametrize(
    "statement",
    ["update report_result set hash = 'x'", "delete from report_result"],
)
def test_the_database_refuses_to_change_a_result(sale: Campaign, statement) -> None:
    close(sale)
    operations.freeze(CODE, now=AFTER)
    with (
        pytest.raises(DatabaseError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_was_put_back_and_what_was_kept(viewer: Client, sale: Campaign) -> None:
    prices = {"SKU-A": "70.00", "SKU-B": "70.00"}
    wanted = {"connection": "shop", "campaign": CODE, "prices": prices}
    given = {"plan": f"campaign:{CODE}", "title": "Set 2 sale prices"}
    step = make.step(kind="prices.apply", wanted=wanted, **given)
    floor = make.step(
        kind="capacity.raise_floor",
        wanted={"connection": "cloud", "group": "web", "floor": 24},
        plan=f"campaign:{CODE}",
    )
    done = {"started_at": OPENED, "finished_at": CLOSED, "lateness_s": 0.2}
    done |= {"state": "reverted", "undoing": True}
    seen = {"way": "revert", "restored": 1, "kept": {"SKU-B": "65.00"}}
    steps = type(step).objects
    steps.filter(pk=step.pk).update(**done, seen=seen, before={"prices": {}})
    floors = {"before": {"floor": 6, "serving": 6}, "seen": {"floor": 6}}
    steps.filter(pk=floor.pk).update(**done, **floors)
    html = page(viewer)
    assert "2 restored, 1 kept, 0 conflicts" in html
    assert "SKU-B left at 65.00, we had set 70.00" in html
    for words in ("floor 6", "floor 24", "2 regular prices", "1 restored"):
        assert words in html


def test_the_table_sorts_as_asked(viewer: Client) -> None:
    sold_some()
    assert page(viewer).index("SKU-B") < page(viewer).index("SKU-A")
    by_name = page(viewer, sort="name")
    assert by_name.index("Product SKU-A") < by_name.index("Product SKU-B")
    assert 'aria-sort="ascending"' in by_name
    assert page(viewer, sort="password").index("SKU-B") > 0


def test_exports_are_neutral_and_complete(viewer: Client, sale: Campaign) -> None:
    sold_some()
    Sku.objects.filter(code="SKU-A").update(name='=HYPERLINK("http://x")')
    close(sale)
    operations.freeze(CODE, now=AFTER)
    reply = viewer.get(reverse("report:export", args=[CODE, "csv"]))
    rows = list(csv.DictReader(io.StringIO(reply.getvalue().decode("utf-8-sig"))))
    assert [(row["sku"], row["sold"], row["revenue"]) for row in rows] == [
        ("SKU-B", "4", "280.00"),
        ("SKU-A", "3", "210.00"),
    ]
    assert rows[1]["name"].startswith("'=")
    reply = viewer.get(reverse("report:export", args=[CODE, "json"]))
    told = json.loads(reply.content)
    assert told["hash"] == rules.seal(told["report"]) == Result.objects.get().hash
    book = viewer.get(reverse("report:export", args=[CODE, "xlsx"]))
    assert book.getvalue().startswith(b"PK")


def test_nobody_reads_it_without_signing_in(client: Client, sale: Campaign) -> None:
    assert client.get(reverse("report:report", args=[CODE])).status_code == 302
    assert client.get(reverse("report:export", args=[CODE, "csv"])).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    offer(*((f"SKU-{number}", 10, 2) for number in range(count)))
    for number in range(count):
        pay(f"order {number}", sku=f"SKU-{number}")
        make.step(kind="campaigns.close", plan=f"campaign:{CODE}")
    with clock_at(OPENED + timedelta(minutes=10)):
        page(viewer)
        with django_assert_num_queries(27):
            page(viewer)
