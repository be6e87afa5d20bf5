"""The certificates of a sale, SKU by SKU, and their files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from console.shell.files import download
from console.shell.nav import way
from console.shell.show import show
from console.stock import queries
from console.stock.models import SkuCertificate
from console.stock.views.panel import tab

UNITS = (
    "locked",
    "backordered",
    "sold",
    "unsold",
    "buffer",
    "cancelled",
    "paid_late",
    "short",
    "oversold",
)
KINDS = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}


@require_GET
def certificate(request: HttpRequest, campaign: str) -> HttpResponse:
    """Show what became of each SKU, once the sale gave its stock back."""
    text = request.GET.get("q", "")[:60].replace("\0", "").strip()
    context = {
        "campaign_code": campaign,
        "stock": tab(request, campaign),
        "report": way(request, "report:report", campaign),
        "total": queries.sealed(campaign),
        "text": text,
        "page": queries.certificate_page(
            campaign, text=text, page=request.GET.get("page", "1")
        ),
    }
    return show(request, "stock/certificate.html", context)


@require_GET
def file(_request: HttpRequest, code: str, form: str) -> StreamingHttpResponse:
    """All of them: as a table, as they are sealed, or each followed by its entries."""
    name = f"{code}-certificate.{form}"
    if form == "csv":
        found = queries.certificates(code).iterator(chunk_size=2_000)
        return download(name, "csv", HEAD, map(_row, found))
    rows = {"json": _json, "jsonl": queries.evidence}[form](code)
    reply = StreamingHttpResponse(rows, content_type=KINDS[form])
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


HEAD = ["sku", *UNITS, "balanced", "entries", "first", "last", "chain", "hash"]


def _row(one: SkuCertificate) -> list[Any]:
    said = one.content
    numbers = [said[name] for name in UNITS]
    found = "yes" if said["balanced"] else "no"
    ends = [said["entries"], said["first"], said["last"], said["chain"], one.hash]
    return [said["sku"], *numbers, found, *ends]


def _json(campaign: str) -> Iterator[str]:
    before = "["
    for one in queries.certificates(campaign).iterator(chunk_size=2_000):
        said = {"content": one.content, "hash": one.hash, "at": one.at.isoformat()}
        yield before + json.dumps(said, sort_keys=True, ensure_ascii=False)
        before = ",\n"
    yield "]\n" if before != "[" else "[]\n"
