"""The ledger drawer of one SKU: every entry, page by page, and as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from console.shell.files import download
from console.shell.parts import at, part_of
from console.stock import queries
from console.stock.models import Allocation, Sku
from console.stock.queries.entries import COLUMNS, KINDS, Wanted
from console.stock.rules import Account
from console.stock.views.panel import tab

HEAD = [name.replace("__name", "").replace("allocation__", "") for name in COLUMNS]


def _tab_of(request: HttpRequest, pk: int) -> str:
    return tab(request, get_object_or_404(Allocation, pk=pk).campaign)


@require_GET
@part_of(_tab_of)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger of one SKU in one sale."""
    one = get_object_or_404(Allocation.objects.select_related("sku"), pk=pk)
    return _drawer(request, one.sku, allocation=one)


@require_GET
@part_of(at("stock:levels"))
def ledger(request: HttpRequest, sku: int) -> HttpResponse:
    """The ledger of one SKU, everywhere or at one location."""
    return _drawer(request, get_object_or_404(Sku, pk=sku))


@require_GET
@part_of(at("stock:levels"))
def entries(request: HttpRequest, sku: int) -> HttpResponse:
    """A page of entries."""
    return render(request, "stock/_entries.html", _page(_wanted(request, sku)))


@require_GET
def file(request: HttpRequest, sku: int) -> StreamingHttpResponse:
    """The entries that are asked for, as a table."""
    code = get_object_or_404(Sku, pk=sku).code
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in code)
    rows = queries.entry_rows(_wanted(request, sku))
    return download(f"ledger-{name}.csv", "csv", HEAD, rows)


def _drawer(
    request: HttpRequest, sku: Sku, *, allocation: Allocation | None = None
) -> HttpResponse:
    wanted = _wanted(request, sku.pk, allocation.pk if allocation else 0)
    context = {
        "sku": sku,
        "one": allocation,
        "places": queries.places_of(sku.pk),
        "accounts": [account.value for account in Account],
        "kinds": KINDS,
    }
    return render(request, "stock/_ledger.html", context | _page(wanted))


def _page(wanted: Wanted) -> dict[str, Any]:
    return {"wanted": wanted, "page": queries.entry_page(wanted)}


def _wanted(request: HttpRequest, sku: int, allocation: int = 0) -> Wanted:
    asked = request.GET
    numbers = {name: _number(asked.get(name, "")) for name in NUMBERS}
    numbers["allocation"] = allocation or numbers["allocation"]
    account, kind = asked.get("account", "")[:10], asked.get("kind", "")[:10]
    return Wanted(sku, **numbers, account=account, kind=kind)


NUMBERS = ("allocation", "location", "before", "after")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
