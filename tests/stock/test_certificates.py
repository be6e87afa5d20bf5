"""What became of each SKU of a sale is sealed once, and can be computed again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.utils import DatabaseError

from console.audit.models import Entry
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Level, Movement, SaleGate, SkuCertificate
from console.stock.operations.certifying import certify_missing
from console.stock.rules import Item, Want
from console.stock.rules.certificates import seal
from console.stock.verify_certificate import verify
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.rebuildkit import sql
from tests.stock.sealkit import recomputed
from tests.stock.shipkit import paid

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
END = NOW + timedelta(hours=2)


def hold(code: str, units: int, key: str, *, at=NOW + SECOND, **terms: int):
    lines = [Item(code, units)]
    return stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=at, **terms)


def a_sale() -> str:
    """Two places and a buffer; 4 paid, 1 of them cancelled, 2 expired, 3 released."""
    sku = make.sku("SHELL")
    make.level(sku, units=10, at=make.location("Near", position=1))
    make.level(sku, units=15, at=make.location("Far", position=2))
    (one,) = stock.lock("FS-1", wants=[Want(sku.pk, 14, 2)], actor=None, now=NOW)
    size = {"quantity": 13, "buffer": 2, "version": one.version}
    stock.resize(one.pk, **size, actor=None, now=NOW + SECOND)
    make.gate()
    paid(("SHELL", 3), key="a")
    stock.cancel_sale(paid(("SHELL", 1), key="c"), actor=None, now=NOW)
    hold("SHELL", 2, "late", ttl_s=60)
    stock.release(hold("SHELL", 3, "gone").id, now=NOW + SECOND)
    return "SHELL"


def end(at=END) -> None:
    stock.close_gate("FS-1", now=at)
    stock.return_units("FS-1", actor=None, now=at)


def of(code: str = "SHELL") -> SkuCertificate:
    return SkuCertificate.objects.get(sku__code=code)


def file_of(tmp_path: Path, text: str | None = None) -> str:
    path = tmp_path / "evidence.jsonl"
    path.write_text("".join(queries.evidence("FS-1")) if text is None else text)
    return str(path)


def test_a_certificate_says_where_every_unit_went() -> None:
    a_sale()
    assert not SkuCertificate.objects.exists()
    end()
    said = of().content
    assert {
        name: said[name]
        for name in ("locked", "sold", "unsold", "buffer", "cancelled", "oversold")
    } == {
        "locked": 13,
        "sold": 3,
        "unsold": 8,
        "buffer": 2,
        "cancelled": 1,
        "oversold": 0,
    }
    assert said["held"] == {"times": 4, "units": 9}
    assert said["expired"] == {"times": 1, "units": 2}
    assert said["released"] == {"times": 1, "units": 3}
    assert said["balanced"] is True
    entries = Movement.objects.filter(allocation__isnull=False).order_by("pk")
    assert said["entries"] == entries.count()
    assert (said["first"], said["last"]) == (entries[0].pk, entries.last().pk)
    places = [(x["name"], x["locked"], x["sold"], x["back"]) for x in said["locations"]]
    assert places == [("Near", 10, 3, 7), ("Far", 3, 0, 3)]
    assert of().hash == seal(said)


def test_it_is_written_once_and_told_in_the_trail() -> None:
    a_sale()
    end()
    before = of()
    end(END + SECOND)
    assert (of().pk, of().hash, of().at) == (before.pk, before.hash, END)
    told = Entry.objects.get(verb="stock.certify")
    assert (told.after["skus"], told.after["oversold"]) == (1, 0)


def test_a_sale_that_never_opened_has_none_and_may_lock_again() -> None:
    one = make.allocation(quantity=5)
    stock.return_units("FS-1", actor=None, now=NOW + SECOND)
    assert not SkuCertificate.objects.exists()
    wants = [Want(one.sku_id, 4)]
    stock.lock("FS-1", wants=wants, actor=None, now=NOW + 2 * SECOND)
    make.gate()
    paid((one.sku.code, 1))
    end()
    said = of(one.sku.code).content
    assert (said["locked"], said["sold"], said["unsold"]) == (4, 1, 3)
    assert said["balanced"]


def test_units_paid_for_and_never_there_are_told() -> None:
    make.allocation(quantity=2, of=make.sku("SHELL"))
    make.gate()
    late = hold("SHELL", 2, "late", ttl_s=60)
    paid_later = NOW + timedelta(seconds=90)
    other = hold("SHELL", 2, "other", at=paid_later)
    stock.confirm(other.id, order="O-2", now=paid_later)
    assert stock.confirm(late.id, order="O-1", now=paid_later).shortfall == 2
    end()
    said = of().content
    assert (said["sold"], said["short"], said["oversold"]) == (2, 2, 0)
    assert said["balanced"]


def test_a_payment_after_the_hold_ran_out_is_told() -> None:
    make.allocation(quantity=2, of=make.sku("SHELL"))
    make.gate()
    late = hold("SHELL", 2, "late", ttl_s=60)
    later = NOW + timedelta(seconds=90)
    stock.sweep(now=later)
    stock.confirm(late.id, order="O-1", now=later)
    end()
    said = of().content
    assert (said["paid_late"], said["sold"], said["unsold"]) == (2, 2, 0)


@pytest.mark.usefixtures("no_constraint")
@pytest.mark.django_db(transaction=True)
def test_what_was_promised_beyond_the_stock_is_counted() -> None:
    """Two units are taken from a sale of one, as only careless code could."""
    one = make.allocation(quantity=1, of=make.sku("SHELL"))
    make.gate()
    sql(
        "INSERT INTO stock_movement"
        " (at, sku_id, allocation_id, source, target, units, reason)"
        " SELECT now(), sku_id, id, 'pool', 'sold', 3, '' FROM stock_allocation"
    )
    stock.close_gate("FS-1", now=END)
    Allocation.objects.filter(pk=one.pk).update(returned_at=END)
    with transaction.atomic():
        (said,) = queries.computed(
            list(Allocation.objects.select_related("sku"))
        ).values()
    assert said["oversold"] == 2 and not said["balanced"]


def test_the_database_keeps_it_as_it_is() -> None:
    a_sale()
    end()
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    for change in (
        "UPDATE stock_skucertificate SET hash = repeat('0', 64)",
        "DELETE FROM stock_skucertificate",
        "TRUNCATE stock_skucertificate",
    ):
        with (
            pytest.raises(DatabaseError, match="sku_certificate_is_final"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    same = {"campaign": "FS-1", "sku_id": of().sku_id, "content": {}, "at": NOW}
    for hash_, name in (
        ("0" * 64, "sku_certificate_once"),
        ("x", "sku_certificate_has_a_hash"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            SkuCertificate.objects.create(**same | {"hash": hash_})
            SkuCertificate.objects.create(**same | {"hash": hash_})


def test_whoever_has_the_entries_computes_it_again(tmp_path: Path) -> None:
    a_sale()
    end()
    lines, holds = verify(file_of(tmp_path))
    assert holds, lines
    assert "FS-1 SHELL" in lines[0] and of().hash in lines[0]


def test_what_was_sent_afterwards_changes_no_certificate(tmp_path: Path) -> None:
    a_sale()
    sold = Movement.objects.filter(target="sold").first()
    end()
    stock.ship(sold.reservation, actor=None, now=END + SECOND)
    assert verify(file_of(tmp_path))[1]


@pytest.mark.parametrize(
    "old,new",
    [
        (', "pool", 3,', ', "pool", 2,'),
        ('"sold": 3, "unsold"', '"sold": 2, "unsold"'),
        ('"hash": "', '"hash": "0'),
        ('"pool", "reserved", 2', '"pool", "reserved", 1'),
    ],
)
def test_a_file_that_was_changed_is_void(tmp_path: Path, old: str, new: str) -> None:
    a_sale()
    end()
    text = "".join(queries.evidence("FS-1"))
    assert old in text
    lines, holds = verify(file_of(tmp_path, text.replace(old, new, 1)))
    assert not holds and lines[0].startswith("VOID FS-1 SHELL")


def test_an_entry_that_is_left_out_is_missed(tmp_path: Path) -> None:
    a_sale()
    end()
    lines = list(queries.evidence("FS-1"))
    del lines[5]
    assert not verify(file_of(tmp_path, "".join(lines)))[1]


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"a": 1}', "[1, 2, 3]\n"])
def test_a_file_of_something_else_is_told(tmp_path: Path, text: str) -> None:
    lines, holds = verify(file_of(tmp_path, text))
    assert not holds and lines


def test_a_chain_of_many_blocks_is_the_same_for_all(tmp_path: Path) -> None:
    one = make.allocation(quantity=5_000, of=make.sku("SHELL"))
    make.gate()
    sql(
        "INSERT INTO stock_movement"
        " (at, sku_id, allocation_id, source, target, units, reservation, reason)"
        " SELECT a.locked_at + n * interval '1 ms', a.sku_id, a.id, x.source, x.target,"
        " 1, gen_random_uuid(), x.why FROM stock_allocation a,"
        " generate_series(1, 1250) n, (VALUES ('pool', 'reserved', ''),"
        " ('reserved', 'pool', 'expired')) x (source, target, why)"
    )
    end()
    said = of().content
    assert said["entries"] == 2_502
    assert said["expired"] == {"times": 1_250, "units": 1_250}
    lines, holds = verify(file_of(tmp_path))
    assert holds, lines
    assert Allocation.objects.get(pk=one.pk).returned_at == END


@pytest.mark.django_db(transaction=True)
def test_of_eight_returns_at_once_one_certifies() -> None:
    a_sale()
    stock.close_gate("FS-1", now=END)
    got = in_parallel(8, lambda _: stock.return_units("FS-1", actor=None, now=END))
    assert all(isinstance(one, stock.Returned) for one in got), got
    assert SkuCertificate.objects.count() == 1
    assert recomputed("FS-1") == {"SHELL": of().hash}
    assert Level.objects.filter(allocated__gt=0).count() == 0


@pytest.mark.django_db(transaction=True)
def test_stock_is_back_before_it_is_certified_and_a_death_between_is_made_good() -> (
    None
):
    a_sale()
    sold = Movement.objects.filter(target="sold").first()
    stock.close_gate("FS-1", now=END)

    def held_up(_: int) -> None:
        sql("SET lock_timeout = '300ms'")
        stock.return_units("FS-1", actor=None, now=END)

    with transaction.atomic():
        SaleGate.objects.select_for_update().get()
        (died,) = in_parallel(1, held_up)
    assert isinstance(died, OperationalError) and not SkuCertificate.objects.exists()
    stock.ship(sold.reservation, actor=None, now=END + SECOND)
    assert [certify_missing(now=END + SECOND) for _ in range(2)] == [1, 0]
    assert of().content["balanced"] and of().content["backordered"] == 0
    assert recomputed("FS-1") == {"SHELL": of().hash}


def test_a_hash_is_the_same_whatever_order_its_keys_have() -> None:
    a_sale()
    end()
    said = of().content
    turned = dict(reversed(list(said.items())))
    assert seal(json.loads(json.dumps(turned))) == of().hash
