"""Saying what shops do once units of a sale are gone, of all of it or some SKUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.shell import policy
from console.stock.models import Allocation, SaleGate, Sku, SoldOutPolicy
from console.stock.operations.gates import GATE_LOCK
from console.stock.operations.ledger import briefly
from console.stock.operations.soldout_targets import leads_to
from console.stock.queries.sales import is_sale
from console.stock.rules import GateClosed, GateState, StaleEdit, UnknownCampaign
from console.stock.rules.soldout import SoldOutWay

if TYPE_CHECKING:
    from django.contrib.auth.models import User


ONE_EACH = "sold_out_policy_one_per_sku"


class SaleRuns(Refusal):
    """It is approved, or runs: only who runs sales changes it now."""

    code = "sale_runs"
    status = 403


@operation()
@briefly()
def set_sold_out(
    campaign: str,
    way: SoldOutWay | None,
    to: str = "",
    *,
    skus: Sequence[int] = (),
    version: int | None = None,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> int:
    """Say what shops do once units of a sale are gone; how many policies changed.

    way: None takes the policy back: of a SKU, so that the sale's counts again. skus:
    ids; none of them: of the whole sale. version: of the one policy an editor saw, 0
    where there was none; None asks for no comparison.

    Raises:
        UnknownCampaign: there is none of that code.
        BadTarget: a redirect cannot lead there (`leads_to`).
        StaleEdit: somebody changed it since.
        GateClosed: the sale has ended. OutOfScope: the person is limited to other
            categories or markets.
        SaleRuns: it runs, or its units are locked, as they are from its approval on,
            and the person does not run sales.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    if not is_sale(campaign):
        raise UnknownCampaign(f"There is no campaign {campaign}. Check its code.")
    _check_gate(campaign, actor)
    names = dict(Sku.objects.filter(pk__in=skus).values_list("pk", "code"))
    found = SoldOutPolicy.objects.select_for_update().filter(campaign=campaign)
    found = found.filter(sku__in=names) if skus else found.filter(sku=None)
    kept = {one.sku_id: one for one in found.order_by("pk")}
    if version is not None and version != sum(one.version for one in kept.values()):
        raise _stale()
    beside = () if skus else _codes(campaign)
    leads = leads_to(way, to, names.values(), beside=beside)
    after = _said(way, leads)
    turned = [
        pk for pk in (sorted(names) if skus else [None]) if _told(kept.get(pk)) != after
    ]
    subjects = _subjects(campaign, turned)
    for pk in turned:
        record(
            actor,
            "stock.set_sold_out",
            subjects.get(pk, campaign),
            now=now,
            before=_told(kept.get(pk)),
            after=after,
            reason=reason,
        )
    _write(campaign, way, leads, {pk: kept.get(pk) for pk in turned}, now)
    return len(turned)


def _check_gate(campaign: str, actor: User | None) -> None:
    """Refuse who may not; the gate stays as it is until the transaction ends."""
    gates = SaleGate.objects.filter(campaign=campaign)
    pk = gates.values_list("pk", flat=True).first()
    if pk is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock_shared(%s, %s)", [GATE_LOCK, pk]
            )
    if gates.filter(state=GateState.CLOSED).exists():
        raise GateClosed(
            f"The sale {campaign} has ended: pages are as before.", field="campaign"
        )
    if actor is None or policy.may(actor, "stock.control"):
        return
    if pk is not None:
        raise SaleRuns(
            f"{campaign} runs, and shoppers would see this at once. Ask somebody who "
            "runs sales to change it."
        )
    if Allocation.objects.filter(campaign=campaign, returned_at=None).exists():
        raise SaleRuns(
            f"{campaign} is approved, and this is part of it. Ask somebody who runs "
            "sales to change it."
        )


def _write(
    campaign: str,
    way: SoldOutWay | None,
    to: str,
    kept: Mapping[int | None, SoldOutPolicy | None],
    now: datetime,
) -> None:
    """kept: the policy there was, by SKU. A new one has a version nobody ever saw."""
    old = [one for one in kept.values() if one is not None]
    if way is None:
        SoldOutPolicy.objects.filter(pk__in=[one.pk for one in old]).delete()
        return
    said: dict[str, Any] = {"way": way, "to": to, "changed_at": now}
    for one in old:
        one.way, one.to, one.changed_at = way, to, now
        one.version += 1
    SoldOutPolicy.objects.bulk_update(old, [*said, "version"], batch_size=2000)
    first = int(now.timestamp() * 1000)
    new = [
        SoldOutPolicy(campaign=campaign, sku_id=pk, version=first, **said)
        for pk, one in kept.items()
        if one is None
    ]
    try:
        SoldOutPolicy.objects.bulk_create(new, batch_size=2000)
    except IntegrityError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is None or diag.constraint_name != ONE_EACH:
            raise
        raise _stale() from None


def _codes(campaign: str) -> list[str]:
    found = Allocation.objects.filter(campaign=campaign, returned_at=None)
    return list(found.values_list("sku__code", flat=True))


def _subjects(
    campaign: str, skus: Sequence[int | None]
) -> dict[int | None, Allocation]:
    """What the trail names: the SKU in the sale, where it has units in it."""
    found = Allocation.objects.filter(
        campaign=campaign, sku__in=[pk for pk in skus if pk]
    )
    return {one.sku_id: one for one in found.select_related("sku")}


def _told(one: SoldOutPolicy | None) -> dict[str, object]:
    return _said(SoldOutWay(one.way) if one else None, one.to if one else "")


def _said(way: SoldOutWay | None, to: str) -> dict[str, object]:
    return {"way": way.value if way else None, "to": to}


def _stale() -> StaleEdit:
    return StaleEdit(
        "Somebody changed what shops do when it is sold out while you were editing. "
        "Open it again to see what holds now."
    )
