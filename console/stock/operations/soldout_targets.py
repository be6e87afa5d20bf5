"""Where pages of sold-out SKUs may lead: hosts of shops, and no page of a SKU."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings

from console.providers.models import Connection
from console.providers.operations import open_port
from console.providers.ports import Storefront
from console.providers.queries import names
from console.stock.models import Sku
from console.stock.rules.soldout import (
    BadTarget,
    SoldOutWay,
    check_target,
    host_of,
)


def redirect_hosts() -> frozenset[str]:
    """Hosts a redirect may name: those of connected shops, and of `REDIRECT_HOSTS`."""
    hosts = {host_of(f"https://{host}") for host in settings.REDIRECT_HOSTS}
    for one in Connection.objects.filter(name__in=names(Storefront)):
        for url in (one.base_url, str(one.options.get("edge_url") or "")):
            hosts.add(host_of(url))
    return frozenset(hosts - {""})


def leads_to(
    way: SoldOutWay | None,
    to: str,
    skus: Collection[str] = (),
    *,
    beside: Collection[str] = (),
) -> str:
    """Where it leads, checked, as it is kept.

    skus: whose pages lead there, if it is said of some. beside: others of the sale,
    whose addresses are refused as well.

    Raises:
        BadTarget: as `rules.soldout.check_target`; nothing here has a SKU it names; or
            it is the address of a page of a SKU, which may be sold out as well.
    """
    if way is None:
        return ""
    hosts = redirect_hosts() if way is SoldOutWay.REDIRECT else frozenset()
    leads = check_target(way, to, hosts=hosts, skus=skus)
    kind, _, name = leads.partition(":")
    if kind == "sku" and not Sku.objects.filter(code=name).exists():
        raise BadTarget(f"There is no SKU {name}. Name one of yours.", field="to")
    if kind in ("http", "https"):
        _check_no_page(leads, sorted({*skus, *beside}))
    return leads


def _check_no_page(address: str, skus: Sequence[str]) -> None:
    """Refuse a page of a SKU: by its code in the path, or as a shop names its pages."""
    path = urlsplit(address).path
    parts = {unquote(part) for part in path.split("/")} - {""}
    found = Sku.objects.filter(code__in=parts).order_by("code")
    code = found.values_list("code", flat=True).first() or _page_of(address, skus)
    if code:
        raise BadTarget(
            f"This is the page of {code}, which may be sold out as well. Enter "
            f"sku:{code} instead.",
            field="to",
        )


def _page_of(address: str, skus: Sequence[str]) -> str:
    """The SKU a shop shows there, of these; empty if none."""
    for shop in names(Storefront) if skus else ():
        pages = open_port(Storefront, shop).urls(skus)
        for sku, page in zip(skus, pages, strict=False):
            if _place(page) == _place(address):
                return sku
    return ""


def _place(url: str) -> tuple[str, str]:
    return host_of(url), urlsplit(url).path
