"""Writing SKUs in bulk, one writer of the catalogue at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from django.db import connection

from console.campaigns.catalogue.judging import VALUES
from console.errors import Refusal
from console.shell import patience
from console.stock.models import Sku

_LOCK = 0x0D00_CA7A
BATCH = 2_000
PATIENCE_S = 20
"""How long a request waits for each lock: two sheets of 10,000 rows take turns."""


class CatalogueBusy(Refusal):
    """Another sheet is being brought in, and takes longer than we wait."""

    code = "catalogue_busy"


def patiently() -> AbstractContextManager[None]:
    """Wait for locks a while, and not for ever; within a transaction.

    Raises:
        CatalogueBusy: one of them stayed taken.
    """
    return patience.patiently(PATIENCE_S, _busy)


def _busy() -> CatalogueBusy:
    return CatalogueBusy(
        "Another sheet is being brought in. Try again in a minute.", field="file"
    )


def hold() -> None:
    """Let two writers of the catalogue take turns, until the transaction ends.

    Two sheets with the same new SKU would else both make it. Taken behind the lock of a
    campaign, where there is one, and before those of histories.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def write(fresh: Sequence[Sku], changed: Sequence[Sku]) -> None:
    """Make SKUs, in the order of their codes, and let others say what they say now.

    An insert that meets its row and updates it is one statement for 2,000 SKUs, and
    takes a fraction of as many branches of a CASE.
    """
    Sku.objects.bulk_create(sorted(fresh, key=lambda sku: sku.code), batch_size=BATCH)
    Sku.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=list(VALUES),
    )
