"""The page of orders: what came in, how far it is, and the hands on the relay."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.orders import events, operations, proof, queries, relay
from console.orders.models import Destination, Outbox
from tests import make
from tests.orders.erp import Erp
from tests.orders.stores import event

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def operator(client: Client) -> Client:
    """Somebody who may steer the relay."""
    client.force_login(make.user("operator"))
    return client


def _accept(count: int, *, start: int = 0, campaign: str = "FS-1") -> None:
    for n in range(start, start + count):
        told = event(f"R-{n}", campaign=campaign)["order"]
        paid = events.PaidOrder(**told)
        operations.accept("shop", f"e{n}", paid, now=timezone.now())


def _kill(ref: str) -> Outbox:
    rows = Outbox.objects.filter(order__ref=ref)
    rows.update(
        state="dead",
        dead_at=timezone.now(),
        tries=8,
        error="ERP answered 422.",
        error_kind="invalid",
    )
    return rows.get()


@pytest.mark.parametrize("orders", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    operator: Client,
    destination: Destination,
    orders: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _accept(orders)
    with django_assert_num_queries(17):
        page = operator.get("/orders/").content.decode()
    assert page.count('<span class="id">R-') == orders


def test_the_sum_is_shown_and_holds(operator: Client, destination: Destination) -> None:
    _accept(5)
    _kill("R-1")
    page = operator.get("/orders/").content.decode()
    assert "5 accepted = 0 relayed + 4 waiting + 1 dead" in page
    Outbox.objects.filter(order__ref="R-2").delete()
    page = operator.get("/orders/relay/", headers=HTMX).text
    assert "+ 1 missing" in page and "R-2" in page


def test_filters_by_text_campaign_and_state(
    operator: Client, destination: Destination
) -> None:
    _accept(2)
    _accept(2, start=2, campaign="FS-2")
    _kill("R-3")
    for query, refs in (
        ("q=R-0", {"R-0"}),
        ("q=buyer of R-1", {"R-1"}),
        ("campaign=FS-2", {"R-2", "R-3"}),
        ("state=dead", {"R-3"}),
        ("state=queued&campaign=FS-1", {"R-0", "R-1"}),
        ("state=sent", set()),
        ("state=issue", {"R-0", "R-1", "R-2", "R-3"}),
        ("campaign=nonsense", {"R-0", "R-1", "R-2", "R-3"}),
    ):
        rows = operator.get(f"/orders/?{query}", headers=HTMX).content.decode()
        found = {f"R-{n}" for n in range(4) if f'<span class="id">R-{n}<' in rows}
        assert found == refs, query


def test_pages_of_fifty(operator: Client, destination: Destination) -> None:
    _accept(51)
    assert "51 of 51" in operator.get("/orders/?page=2").content.decode()


def test_a_viewer_sees_and_may_not_steer(
    client: Client, destination: Destination
) -> None:
    client.force_login(make.user("viewer"))
    assert "Pause</button>" not in client.get("/orders/").content.decode()
    for path in ("pause", "resume", "rate"):
        answer = client.post(f"/orders/destinations/{destination.pk}/{path}/")
        assert answer.status_code == 403


def test_pause_offers_an_undo_and_resume_is_it(
    operator: Client, destination: Destination
) -> None:
    here = f"/orders/destinations/{destination.pk}"
    answer = operator.post(f"{here}/pause/", headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["undo"] == f"{here}/resume/"
    assert Destination.objects.get().paused
    operator.post(toast["undo"], headers=HTMX)
    assert not Destination.objects.get().paused
    verbs = Entry.objects.order_by("position").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["orders.pause", "orders.resume"]


def test_the_rate_stays_within_what_the_destination_allows(
    operator: Client, destination: Destination
) -> None:
    here = f"/orders/destinations/{destination.pk}/rate/"
    assert 'value="125' in operator.get(here, headers=HTMX).text
    said = {"limit_per_s": "60", "rate_per_s": "50"}
    assert operator.post(here, said, headers=HTMX).status_code == 204
    now = Destination.objects.get()
    assert (now.limit_per_s, now.rate_per_s) == (60, 50)
    refused = operator.post(here, said | {"rate_per_s": "61"}, headers=HTMX)
    assert refused.status_code == 422
    told = json.loads(refused.headers["HX-Trigger"])["refused"]
    assert (told["code"], told["field"]) == ("bad_rate", "rate_per_s")


def test_a_destination_is_added_for_orders_from_now_on(
    client: Client, destination: Destination
) -> None:
    client.force_login(make.user("admin"))
    _accept(1)
    make.connection("wms", driver="sandbox_erp")
    here = "/orders/destinations/add/"
    said = {"name": "Warehouse", "connection": "wms", "limit_per_s": "10"}
    taken = client.post(here, said | {"name": "ERP"}, headers=HTMX)
    assert taken.status_code == 422
    assert "called ERP already" in taken.content.decode()
    assert client.post(here, said, headers=HTMX).status_code == 204
    added = Destination.objects.get(name="Warehouse")
    assert added.rate_per_s == 8
    _accept(1, start=1)
    assert [row.order.ref for row in added.outbox.all()] == ["R-1"]
    assert queries.reconciliation().balanced


def test_dead_letters_are_listed_by_cause_and_replayed(
    operator: Client, destination: Destination
) -> None:
    _accept(4)
    letters = [_kill(f"R-{n}") for n in range(3)]
    assert operator.get("/orders/letters/", headers=HTMX).text.count("422.") == 3
    dialog = operator.get("/orders/letters/replay/", headers=HTMX).text
    assert "ERP: ERP answered 422." in dialog and "Replay 3" in dialog
    operator.post(f"/orders/letters/{letters[0].pk}/replay/", headers=HTMX)
    assert queries.reconciliation().dead == 2
    operator.post("/orders/letters/replay/", headers=HTMX)
    assert queries.reconciliation().dead == 0
    again = operator.post("/orders/letters/replay/", headers=HTMX)
    assert again.status_code == 409
    verbs = Entry.objects.filter(verb="orders.replay").count()
    assert verbs == 2


def test_an_order_the_erp_lost_is_found_listed_and_sent_again(
    operator: Client, destination: Destination, erp: Erp
) -> None:
    _accept(6)
    while relay.run_round(destination.pk, seconds=1, now=timezone.now()):
        continue
    assert len(erp.refs) == 6
    erp.held = {key: ref for key, ref in erp.held.items() if ref not in ("R-1", "R-4")}
    later = timezone.now() + timedelta(minutes=1)
    assert proof.ask_all(now=later) == 2
    assert Outbox.objects.filter(known_at=later).count() == 4
    found = queries.reconciliation()
    assert (found.accepted, found.relayed, found.lost) == (6, 4, 2)
    assert set(found.missing) == {"R-1", "R-4"}
    page = operator.get("/orders/letters/", headers=HTMX).text
    assert "Sent, but not there" in page and "R-4" in page
    for row in Outbox.objects.filter(lost_at__isnull=False):
        operator.post(f"/orders/letters/{row.pk}/send-again/", headers=HTMX)
    while relay.run_round(destination.pk, seconds=1, now=timezone.now()):
        continue
    assert proof.ask_all(now=later + timedelta(minutes=1)) == 0
    assert queries.reconciliation().relayed == 6


def test_silence_of_the_erp_proves_nothing(destination: Destination, erp: Erp) -> None:
    _accept(2)
    relay.run_round(destination.pk, seconds=1, now=timezone.now())
    make.connection("gone")
    Destination.objects.update(connection="gone")
    assert proof.ask_all(now=timezone.now() + timedelta(minutes=1)) == 0
    assert queries.reconciliation().lost == 0


def test_the_api_lists_the_newest_of_a_campaign(
    operator: Client, destination: Destination, client: Client
) -> None:
    _accept(2)
    _accept(1, start=2, campaign="FS-2")
    told = operator.get("/api/orders/?campaign=FS-1").json()["orders"]
    assert [order["ref"] for order in told] == ["R-1", "R-0"]
    assert told[0]["total"] == "39.800"
    client.logout()
    assert client.get("/api/orders/").status_code in (302, 401)


def test_the_palette_finds_orders(operator: Client, destination: Destination) -> None:
    _accept(7)
    hits = operator.get("/orders/search/?q=r-").json()
    assert len(hits) == 5 and hits[0]["h"] == "/orders/?q=R-6"
    assert operator.get("/orders/search/?q=").json() == []


def test_an_empty_list_teaches(operator: Client) -> None:
    page = operator.get("/orders/").content.decode()
    assert "No orders yet" in page and "Orders go nowhere yet" in page
