"""Saying what shops do once units of a sale are gone, of all of it or some SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people.concerns import Kind, check_within
from console.providers.models import Connection
from console.shell import policy
from console.stock.models import Allocation, SaleGate, Sku, SoldOutPolicy
from console.stock.operations.ledger import briefly
from console.stock.rules import GateClosed, GateState, StaleEdit
from console.stock.rules.soldout import BadTarget, SoldOutWay, check_target

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class SaleRuns(Refusal):
    """Shoppers see it at once, so only who runs sales changes it now."""

    code = "sale_runs"
    status = 403


def redirect_hosts() -> frozenset[str]:
    """Hosts a redirect may name: those of connected shops, and of `REDIRECT_HOSTS`."""
    hosts = {host.lower() for host in settings.REDIRECT_HOSTS}
    for one in Connection.objects.filter(enabled=True):
        for url in (one.base_url, str(one.options.get("edge_url") or "")):
            hosts.add(urlsplit(url).netloc.rpartition("@")[2].lower())
    return frozenset(hosts - {""})


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
        BadTarget: a redirect cannot lead there (`rules.soldout.check_target`).
        StaleEdit: somebody changed it since.
        GateClosed: the sale has ended. SaleRuns: it runs, and the person does not run
            sales. OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    _check_gate(campaign, actor)
    names = dict(Sku.objects.filter(pk__in=skus).values_list("pk", "code"))
    found = SoldOutPolicy.objects.select_for_update().filter(campaign=campaign)
    found = found.filter(sku__in=names) if skus else found.filter(sku=None)
    kept = {one.sku_id: one for one in found.order_by("pk")}
    if version is not None and version != sum(one.version for one in kept.values()):
        raise _stale()
    changed = 0
    for pk in sorted(names) if skus else [None]:
        code = names[pk] if pk else ""
        leads = _leads(way, to, code)
        one, before = kept.get(pk), _told(kept.get(pk))
        if before == _said(way, leads):
            continue
        _write(one, campaign, pk, way, leads, now)
        record(
            actor,
            "stock.set_sold_out",
            _subject(campaign, pk),
            now=now,
            before=before,
            after=_said(way, leads),
            reason=reason,
        )
        changed += 1
    return changed


def _check_gate(campaign: str, actor: User | None) -> None:
    gate = SaleGate.objects.filter(campaign=campaign).first()
    if gate is None:
        return
    if gate.state == GateState.CLOSED:
        raise GateClosed(f"The sale {campaign} has ended: pages are as before.")
    if actor is not None and not policy.may(actor, "stock.control"):
        raise SaleRuns(
            f"{campaign} runs, and shoppers would see this at once. Ask somebody who "
            "runs sales to change it."
        )


def _leads(way: SoldOutWay | None, to: str, sku: str) -> str:
    """Where it leads, checked, and a SKU it names is here.

    Raises:
        BadTarget: as `rules.soldout.check_target`; or nothing here has that SKU.
    """
    if way is None:
        return ""
    hosts = redirect_hosts() if way is SoldOutWay.REDIRECT else frozenset()
    leads = check_target(way, to, hosts=hosts, sku=sku)
    kind, _, name = leads.partition(":")
    if kind == "sku" and not Sku.objects.filter(code=name).exists():
        raise BadTarget(f"There is no SKU {name}. Name one of yours.", field="to")
    return leads


def _write(
    one: SoldOutPolicy | None,
    campaign: str,
    sku: int | None,
    way: SoldOutWay | None,
    to: str,
    now: datetime,
) -> None:
    if one is None and way is not None:
        one = SoldOutPolicy(campaign=campaign, sku_id=sku, version=0)
    if one is None:
        return
    if way is None:
        one.delete()
        return
    one.way, one.to, one.changed_at = way, to, now
    one.version += 1
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise _stale() from None


def _subject(campaign: str, sku: int | None) -> Allocation | str:
    """What the trail names: the SKU in the sale, else the sale."""
    if sku is None:
        return campaign
    found = Allocation.objects.filter(campaign=campaign, sku=sku).select_related("sku")
    return found.first() or campaign


def _told(one: SoldOutPolicy | None) -> dict[str, object]:
    return _said(SoldOutWay(one.way) if one else None, one.to if one else "")


def _said(way: SoldOutWay | None, to: str) -> dict[str, object]:
    return {"way": way.value if way else None, "to": to}


def _stale() -> StaleEdit:
    return StaleEdit(
        "Somebody changed what shops do when it is sold out while you were editing. "
        "Open it again to see what holds now."
    )
