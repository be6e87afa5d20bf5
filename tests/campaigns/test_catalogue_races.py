"""Two who write the catalogue, or a price of it, at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from console.campaigns.catalogue import writing
from console.campaigns.importing import make_skus
from console.campaigns.operations import Brought
from console.campaigns.operations.catalogue import PricesMoved
from console.campaigns.sheets import Row
from console.prices import operations as prices
from console.prices import queries
from console.prices.models import PricePoint
from console.prices.operations import Note
from console.prices.rules import Reason
from console.stock.models import Sku
from tests import make
from tests.campaigns.cataloguekit import FULL, bring, sku
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def told(code: str, **scope: str) -> list[tuple[Decimal, str]]:
    return [(p.amount, p.reason) for p in queries.history(code, **scope)]


@pytest.mark.django_db(transaction=True)
def test_two_sheets_with_the_same_new_sku_make_it_once() -> None:
    people = [make.user("merchandiser") for _ in range(4)]
    row = "NEW,Tent,,Tents,,219,,"
    did = in_parallel(4, lambda n: bring(FULL, row, actor=people[n]))
    made = sorted(one.made for one in did if isinstance(one, Brought))
    assert made == [0, 0, 0, 1]
    assert (Sku.objects.count(), PricePoint.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_control_without_their_lock_one_of_two_sheets_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without taking turns both look before either writes."""
    monkeypatch.setattr(writing, "hold", lambda: None)
    people = [make.user("merchandiser") for _ in range(4)]
    row = "NEW,Tent,,Tents,,219,,"
    did = in_parallel(4, lambda n: bring(FULL, row, actor=people[n]))
    assert any(isinstance(one, IntegrityError) for one in did)


@pytest.mark.django_db(transaction=True)
def test_a_look_waits_for_nobody_and_lets_nobody_wait() -> None:
    """Another sheet and a sale are writing; it tells what it would do all the same."""
    bring(FULL, "A,Product,,,,100,,")
    aino, held, looked = make.user("merchandiser"), Event(), Event()

    def busy() -> bool:
        with transaction.atomic():
            writing.hold()
            prices.hold(["A"])
            Sku.objects.select_for_update().get(code="A")
            held.set()
            return looked.wait(20)

    def look() -> Brought:
        assert held.wait(20)
        said = ("sku,name,list_price", "A,,120", "NEW,Tent,219")
        did = bring(*said, actor=aino, now=LATER, only_look=True)
        looked.set()
        return did

    waited, did = in_parallel(2, lambda n: (busy, look)[n]())
    assert (waited, did) == (True, Brought(2, 1, 1, 0, 2, 0))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("busy_with", ["another sheet", "a history"])
def test_a_sheet_that_waits_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, busy_with: str
) -> None:
    monkeypatch.setattr(writing, "PATIENCE_S", 1)
    bring(FULL, "A,Product,,,,100,,")
    aino, held, tried = make.user("merchandiser"), Event(), Event()

    def busy() -> bool:
        with transaction.atomic():
            writing.hold() if busy_with == "another sheet" else prices.hold(["A"])
            held.set()
            return tried.wait(20)

    def upload() -> Brought:
        assert held.wait(20)
        try:
            return bring("sku,list_price", "A,120", actor=aino, now=LATER)
        finally:
            tried.set()

    waited, did = in_parallel(2, lambda n: (busy, upload)[n]())
    assert (waited, type(did)) == (True, writing.CatalogueBusy)
    assert (told("A"), sku("A").regular_price) == ([(100, "regular")], 100)


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_of_an_import_waits_for_no_sheet() -> None:
    aino, held, tried = make.user("merchandiser"), Event(), Event()
    said = {"name": "Tent", "variant": "", "category": "", "brand": "", "image": ""}
    row = Row(2, {"sku": "NEW"}, {}, product={**said, "price": "219", "units": "1"})

    def busy() -> bool:
        with transaction.atomic():
            writing.hold()
            held.set()
            return tried.wait(20)

    def dry() -> None:
        assert held.wait(20)
        make_skus([row], "EUR", aino, NOW, dry=True)
        tried.set()

    assert in_parallel(2, lambda n: (busy, dry)[n]()) == [True, None]


def test_a_look_writes_nothing_and_locks_nothing() -> None:
    bring(FULL, "A,Product,,,,100,,")
    aino = make.user("merchandiser")
    with CaptureQueriesContext(connection) as seen:
        bring("sku,list_price", "A,120", actor=aino, now=LATER, only_look=True)
    said = [query["sql"].lower() for query in seen]
    assert said
    for word in ("insert", "update", "advisory"):
        assert not [one for one in said if word in one], word


def _while_a_sale_opens(opens: datetime = NOW) -> Brought | Exception:
    """What a sheet of LATER gets that read the history before a sale wrote to it."""
    bring(FULL, "A,Product,,,,100,,")
    aino, waiting = make.user("merchandiser"), Event()

    def sale() -> None:
        with transaction.atomic():
            note = Note("A", Decimal(70), opens, Reason.SALE, campaign="FS-0041")
            prices.note_all([note])
            waiting.set()
            _until_somebody_waits()

    def upload() -> Brought:
        assert waiting.wait(20)
        return bring("sku,list_price", "A,120", actor=aino, now=LATER)

    _, did = in_parallel(2, lambda n: (sale, upload)[n]())
    assert not isinstance(did, None | AssertionError)
    return did


def _until_somebody_waits() -> None:
    ends = monotonic() + 20
    while monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(
                "select 1 from pg_locks where locktype = 'advisory' and not granted"
                " and database = (select oid from pg_database"
                " where datname = current_database())"
            )
            if cursor.fetchone():
                return
        sleep(0.05)
    raise AssertionError("Nobody waits.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("opens", [NOW, LATER + timedelta(seconds=5)])
def test_a_sale_that_opens_meanwhile_keeps_its_price_in_the_history(
    opens: datetime,
) -> None:
    did = _while_a_sale_opens(opens)
    assert isinstance(did, PricesMoved)
    assert (told("A")[-1], sku("A").regular_price) == ((70, "sale"), 100)


@pytest.mark.django_db(transaction=True)
def test_control_without_holding_the_history_the_sale_seems_to_be_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prices, "hold", lambda _codes: None)
    assert isinstance(_while_a_sale_opens(), Brought)
    assert told("A")[-2:] == [(70, "sale"), (120, "regular")]
