"""Unlocking: what nobody holds goes back at once, what buyers have stays."""

from __future__ import annotations

from threading import Event

import pytest
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation, Level, SkuCertificate
from console.stock.operations import unlocking
from console.stock.operations.sizes import AlreadyReturned, check_open
from console.stock.operations.unlocking import SeveralSales
from console.stock.rules import GateClosed, Item, NotEnoughStock, StaleEdit
from tests import make
from tests.racing import in_parallel
from tests.stock.ourcode import until_waiting
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
HERE = "stock:unlock"


def seen(*found: Allocation) -> list[tuple[int, int]]:
    return [(one.pk, Allocation.objects.get(pk=one.pk).version) for one in found]


def unlock(*found: Allocation, reason: str = "recalled") -> int:
    return stock.unlock(seen(*found), reason=reason, actor=None, now=clock.now())


def test_what_nobody_holds_goes_back_and_buyers_keep_what_they_have() -> None:
    (one,) = a_sale()
    free = Level.objects.get().free
    assert unlock(one) == 18
    one.refresh_from_db()
    assert (one.quantity, one.buffer, one.taken, one.returned_at) == (2, 0, 2, None)
    assert Level.objects.get().free == free + 18
    assert queries.violations() == []
    with pytest.raises(NotEnoughStock):
        line = [Item(one.sku.code, 1)]
        stock.reserve("FS-1", lines=line, buyer="b", key="late", now=clock.now())
    entry = Entry.objects.get(verb="stock.unlock")
    assert (entry.before["quantity"], entry.after["back"]) == (20, 18)
    assert entry.reason == "recalled"


def test_a_lock_nobody_took_from_ends_before_the_sale_opens() -> None:
    one = make.allocation(quantity=10, buffer=2)
    assert unlock(one) == 10
    one.refresh_from_db()
    assert one.returned_at is not None
    assert Level.objects.get().free == 10
    assert queries.violations() == []
    with pytest.raises(AlreadyReturned):
        unlock(one)


def test_one_code_unlocks_one_sale() -> None:
    found = [make.allocation(quantity=3, campaign=code) for code in ("FS-1", "FS-2")]
    with pytest.raises(SeveralSales) as refused:
        unlock(*found)
    assert refused.value.field == "pk"
    assert not Allocation.objects.exclude(returned_at=None).exists()


def test_what_the_sale_gives_back_at_its_end_still_adds_up() -> None:
    first, second = a_sale(2)
    unlock(first)
    now = clock.now()
    stock.close_gate("FS-1", now=now)
    with pytest.raises(GateClosed) as refused:
        unlock(second)
    assert refused.value.field == "campaign"
    for hold in queries.holds("FS-1", state="held", text="", before=None, now=now):
        stock.release(hold.id, now=now)
    told = stock.return_units("FS-1", actor=None, now=now)
    assert told.sold == 2
    assert queries.violations() == []


def test_a_stale_unlock_is_refused_and_nothing_is_given_back() -> None:
    first, second = a_sale(2)
    old = seen(first, second)
    stock.resize(second.pk, quantity=21, buffer=2, version=old[1][1], actor=None,
                 now=clock.now())  # fmt: skip
    with pytest.raises(StaleEdit):
        stock.unlock(old, reason="x", actor=None, now=clock.now())
    first.refresh_from_db()
    assert first.quantity == 20


def reserved_while_unlocking(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What who unlocks got, and eleven who reserve once it has seen what they hold."""
    one = make.allocation(quantity=40)
    make.gate()
    line, looked, done = [Item(one.sku.code, 1)], Event(), list[int]()

    def slowly(found: Allocation, version: int) -> None:
        check_open(found, version)
        looked.set()
        until_waiting(11, done)

    def act(number: int) -> object:
        if number == 0:
            return unlock(one)
        assert looked.wait(10)
        now = clock.now()
        try:
            return stock.reserve(
                "FS-1", lines=line, buyer="b", key=str(number), now=now
            )
        finally:
            done.append(number)

    monkeypatch.setattr(unlocking, "check_open", slowly)
    return in_parallel(12, act)


@pytest.mark.django_db(transaction=True)
def test_unlocking_against_reserving_leaves_no_buyer_without_a_unit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back, *told = reserved_while_unlocking(monkeypatch)
    assert back == 40
    assert all(isinstance(x, NotEnoughStock) for x in told), told
    assert Allocation.objects.get().taken == 0
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_unlocking_without_the_locks_gives_back_less_than_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unlocking, "locked_levels", lambda _: [])
    monkeypatch.setattr(unlocking, "locked_allocations", list)
    back, *told = reserved_while_unlocking(monkeypatch)
    assert back == 40
    assert Allocation.objects.get().quantity == 11
    assert not any(isinstance(x, Exception) for x in told), told


def test_the_dialog_tells_the_effect_and_wants_the_code(operator: Client) -> None:
    (one,) = a_sale()
    page = operator.get(reverse(HERE), {"pk": one.pk}, **HTMX).content.decode()
    assert f"Unlock {one.sku.code}?" in page and "Unlock 18 units" in page
    assert "Type FS-1 to unlock" in page
    words = {"pk": f"{one.pk}:{seen(one)[0][1]}", "reason": "recalled", "typed": "FS-2"}
    assert "Enter FS-1." in operator.post(reverse(HERE), words, **HTMX).content.decode()
    told = operator.post(reverse(HERE), words | {"typed": "fs-1"}, **HTMX)
    assert (told.status_code, "stock-changed" in told["HX-Trigger"]) == (204, True)
    feed = operator.get(reverse("stock:movements", args=["FS-1"]), **HTMX).text
    assert "unlocked, 18 units given back" in feed and "recalled" in feed


def test_who_may_not_stop_a_sale_may_not_unlock(client: Client) -> None:
    (one,) = a_sale()
    client.force_login(make.user("merchandiser"))
    assert client.get(reverse(HERE), {"pk": one.pk}, **HTMX).status_code == 403
    page = client.get(reverse("stock:panel", args=["FS-1"]), **HTMX).content.decode()
    assert "Top up" in page and "Unlock" not in page


def test_what_is_locked_no_more_has_no_dialog(operator: Client) -> None:
    one = make.allocation(quantity=3)
    unlock(one)
    assert operator.get(reverse(HERE), {"pk": one.pk}, **HTMX).status_code == 404


def test_a_sale_whose_locks_all_ended_is_certified_once_it_is_over() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    assert unlock(one) == 10
    now = clock.now()
    stock.close_gate("FS-1", now=now)
    for _ in range(2):
        assert stock.return_units("FS-1", actor=None, now=now) == stock.Returned(0, 0)
    said = SkuCertificate.objects.get(sku=one.sku).content
    assert (said["locked"], said["sold"], said["unsold"]) == (10, 0, 10)
    assert said["balanced"]
