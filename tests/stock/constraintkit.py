"""One row of each table of the room, and every constraint tried with plain SQL."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection

from console.stock import models as m
from console.stock import operations as stock
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.stock.feedkit import feed

HOUR = timedelta(hours=1)
HASH = "ab" * 32
AT = {"at": NOW}


def one_of_each() -> None:
    """A running sale with one paid and one held reservation, and a row of all else."""
    one = make.allocation(quantity=10, buffer=2)
    make.gate()
    by = make.user("operator")
    line = [Item(one.sku.code, 1)]
    held = stock.reserve("FS-1", lines=line, buyer="b", key="l", now=NOW)
    paid = stock.reserve("FS-1", lines=line, buyer="b", key="k", now=NOW)
    stock.confirm(paid.id, order="O-1", now=NOW)
    _of_line(one, held.id, paid.id)
    _of_people(one, by)
    _of_sale(one)
    _of_shops(one)
    _of_feeds(one)


def _of_line(one: m.Allocation, held: UUID, paid: UUID) -> None:
    of = {"reservation_id": paid, "allocation": one}
    place = m.Location.objects.get()
    m.Delivery.objects.create(**of, sold=1)
    m.Settlement.objects.create(**of, kind="shipped", location=place, units=1, **AT)
    m.Shortfall.objects.create(**of, order="O-1", units=1, **AT)
    m.Backorder.objects.create(**of, units=1)
    m.LimitBreach.objects.create(
        campaign="FS-1", buyer="b", rule="buyer_limit", times=1, units=1,
        first_at=NOW, last_at=NOW,
    )  # fmt: skip
    m.Waiter.objects.create(
        id=held, allocation=one, client="shop", key="w", body_hash=b"", buyer="w",
        units=1, state="waiting", position=1, made_at=NOW,
    )  # fmt: skip
    m.OfferBell.objects.update_or_create(id=1, defaults=AT)


def _of_people(one: m.Allocation, by: User) -> None:
    m.AuditRun.objects.create(ms=1, entries=1, wrong=0, **AT)
    m.UndersellRun.objects.create(ms=1, units=0, **AT)
    m.Rebuild.objects.create(plan=[1], hash=HASH, proposed_by=by, proposed_at=NOW)
    m.PendingCount.objects.create(
        level=m.Level.objects.get(), on_hand=1, committed=0, buffer=0, version=1,
        by=by, **AT,
    )  # fmt: skip
    job = m.LevelImport.objects.create(
        name="a.csv", size=1, sha256=HASH, total=1, created_at=NOW
    )
    m.BadLevel.objects.create(job=job, number=2, message="No such SKU.")


def _of_sale(one: m.Allocation) -> None:
    of = {"campaign": "FS-1", "sku": one.sku}
    m.ScarcityText.objects.create(
        **of, units=3, text="Only 3 left", from_at=NOW, until_at=NOW, times=1,
        current=True,
    )  # fmt: skip
    m.SkuCertificate.objects.create(**of, content={}, hash=HASH, **AT)
    m.SoldOutPolicy.objects.create(**of, way="badge", changed_at=NOW)
    m.SoldOut.objects.create(allocation=one)
    m.BufferPolicy.objects.create(level="sku", target="X", units=1, **AT)
    m.BufferRule.objects.create(campaign="FS-1", when="manual", **AT)
    wave = m.Wave.objects.create(
        campaign="FS-1", position=1, share=10, after_s=60, **AT
    )
    m.WavePart.objects.create(wave=wave, allocation=one, units=1, locked_at=NOW)


def _of_shops(one: m.Allocation) -> None:
    m.Shopfront.objects.create(connection="shop")
    m.Shown.objects.create(
        connection="shop", sku=one.sku, wanted=1, state="waiting", changed_at=NOW,
        moved_at=NOW, ready_at=NOW,
    )  # fmt: skip


def _of_feeds(one: m.Allocation) -> None:
    m.Fence.objects.create(campaign="FS-1", raised_at=NOW)
    m.FeedMovement.objects.create(
        feed=feed(), external_id="a", sku_code=one.sku.code, place="Main", sku=one.sku,
        location=m.Location.objects.get(), kind="sold", units=1, occurred_at=NOW,
        received_at=NOW, state="applied",
    )  # fmt: skip


def again(table: str) -> str:
    """SQL that writes the row of a table once more, under a new key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY 1",
            [table],
        )
        kinds = dict(cursor.fetchall())
    new = {"id": "gen_random_uuid()"} if kinds.get("id") == "uuid" else {}
    names = [name for name in kinds if name != "id" or new]
    values = ", ".join(new.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1"


TWICE = {
    "allocation_one_per_campaign_and_sku": "allocation",
    "backorder_once_per_line": "backorder",
    "bad_level_told_once": "badlevel",
    "buffer_policy_one_per_target": "bufferpolicy",
    "delivery_one_per_line": "delivery",
    "feed_movement_once": "feedmovement",
    "fence_one_up_a_campaign": "fence",
    "level_import_same_file_once_at_a_time": "levelimport",
    "level_one_per_sku_and_location": "level",
    "limit_breach_once_a_rule": "limitbreach",
    "pending_count_one_open_a_level": "pendingcount",
    "reservation_once_a_key": "reservation",
    "scarcity_text_one_current": "scarcitytext",
    "settlement_once_per_line": "settlement",
    "shortfall_once_per_line": "shortfall",
    "shown_one_per_shop_and_sku": "shown",
    "sku_certificate_once": "skucertificate",
    "sold_one_per_slot": "sold",
    "sold_out_policy_one_per_sku": "soldoutpolicy",
    "source_one_per_location": "source",
    "waiter_once_per_buyer": "waiter",
    "wave_one_per_position": "wave",
    "wave_part_one_per_allocation": "wavepart",
}
"""Constraints of which a second row like the first is refused."""
