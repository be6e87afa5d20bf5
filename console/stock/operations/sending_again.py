"""Sending a shop again what it refused, because a person asks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.stock.models import Shopfront, Shown
from console.stock.operations.publishing import CALM
from console.stock.rules.publishing import Publishing

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class NothingToSend(Refusal):
    """The shop shows what it should, or is being told."""

    code = "nothing_to_send"


@operation()
def send_again(connection: str, *, actor: User | None, now: datetime) -> int:
    """Send a shop what it refused, as a person asks; how many SKUs.

    Raises:
        NothingToSend: no such shop, or nothing of it was refused or held.
    """
    shop = Shopfront.objects.select_for_update().filter(connection=connection).first()
    failed = Shown.objects.filter(connection=connection, state=Publishing.FAILED)
    if shop is None or not (shop.stopped_at or shop.held_until or failed.exists()):
        raise NothingToSend(
            f"Nothing of {connection} is refused or held. Reload the page."
        )
    again = {"state": Publishing.WAITING, "ready_at": now, "tries": 0}
    count = failed.update(**again)
    Shopfront.objects.filter(pk=shop.pk).update(**CALM)
    after = {"skus": count, "error": shop.error}
    record(actor, "stock.send_again", connection, now=now, after=after)
    return count
