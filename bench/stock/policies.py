"""How many SKUs a second a buffer policy is held back of: `policy_apply_per_s`."""

from __future__ import annotations

import time
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from bench import say, stage
from bench.stock._size import QUICK, ROUNDS

if TYPE_CHECKING:
    from console.stock.models import BufferPolicy

SKUS = 5_000 if QUICK else 100_000


def main() -> None:
    """Change the policy of everything, and have the bell apply it to every shelf.

    Peer: the same units and entries by two statements, with no other policy, no lock
    and no part. save_s: how long the person waits who changes it.
    """
    with stage.database():
        policy = _shelves()
        runs = [(*_change(policy, run), _bare(run)) for run in range(ROUNDS)]
        saved, ours, bare = (median(column) for column in zip(*runs, strict=True))
        say("stock.policy_apply_per_s", ours, "1/s", peer=bare, n=SKUS)
        say("stock.policy_save_s", saved, "s", n=SKUS)


def _shelves() -> BufferPolicy:
    """Every SKU at one of two places; three policies concern one in ten of them."""
    from django.db import connection

    from console.stock import clock, operations
    from console.stock.models import BufferDue, Level, Location, Sku
    from console.stock.operations import PolicyTerms
    from console.stock.rules.buffers import BufferScope

    places = [Location.objects.create(name=f"Place {n}") for n in range(2)]
    Sku.objects.bulk_create(
        (
            Sku(code=f"P{n:06}", name="P", category=f"K{n % 10}", regular_price=1)
            for n in range(SKUS)
        ),
        batch_size=5_000,
    )
    Level.objects.bulk_create(
        (
            Level(sku_id=pk, location=places[n % 2], on_hand=50 + n % 100)
            for n, pk in enumerate(Sku.objects.values_list("pk", flat=True))
        ),
        batch_size=5_000,
    )
    BufferDue.objects.all().delete()
    who = {"actor": None, "now": clock.now()}
    operations.add_policy(BufferScope.CATEGORY, "K3", PolicyTerms(4), **who)
    operations.add_policy(BufferScope.LOCATION, "Place 1", PolicyTerms(2), **who)
    policy = operations.add_policy(BufferScope.MASTER, "", PolicyTerms(1), **who)
    _until_applied()
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute("analyze")
    return policy


def _until_applied() -> None:
    """As the bell does, one part after the other."""
    from console.stock import clock, operations

    while operations.apply_due(now=clock.now()):
        pass


def _change(policy: BufferPolicy, run: int) -> tuple[float, float]:
    """Seconds until it is saved, and SKUs a second until it holds everywhere."""
    from console.stock import clock, operations
    from console.stock.models import Level, Movement
    from console.stock.operations import PolicyTerms

    before = Movement.objects.count()
    began = time.perf_counter()
    operations.change_policy(
        policy.pk,
        PolicyTerms(percent=Decimal(10 * (run + 1))),
        version=run + 1,
        actor=None,
        now=clock.now(),
    )
    saved = time.perf_counter() - began
    _until_applied()
    seconds = time.perf_counter() - began
    if Movement.objects.count() - before != SKUS or Level.objects.filter(free=0):
        raise RuntimeError("the policy was not applied")
    return saved, SKUS / seconds


def _bare(run: int) -> float:
    """SKUs a second by one UPDATE and one INSERT into tables like ours."""
    from django.db import connection, transaction

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET, [10 * (run + 1)])
        cursor.execute(_POST)
    return SKUS / (time.perf_counter() - began)


_TABLES = """
create table bare_level (like stock_level including indexes);
insert into bare_level select * from stock_level;
create table bare_movement (like stock_movement including indexes)
"""
_SET = """
update bare_level set policy_buffer = ceil(on_hand * %s / 100.0)::integer
"""
_POST = """
insert into bare_movement (id, at, sku_id, location_id, source, target, units, reason)
select row_number() over () + (select count(*) from bare_movement), now(), sku_id,
    location_id, 'free', 'held', policy_buffer, 'buffer policy'
from bare_level
"""


if __name__ == "__main__":
    main()
