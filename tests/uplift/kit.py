"""Order histories as tests upload and read them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from console.uplift.models import HistoryFile
from console.uplift.operations import imports
from console.uplift.tasks import run_import
from tests import make
from tests.make import NOW

HEAD = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)


def row(
    invoice: str = "1",
    sku: str = "A",
    units: object = 2,
    at: str = "2026-03-02 10:00:00",
    price: object = "5.00",
    customer: str = "17850.0",
) -> str:
    return f"{invoice},{sku},LANTERN,{units},{at},{price},{customer},United Kingdom"


def sheet(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def start(body: bytes, *, by: User | None = None, **options: Any) -> HistoryFile:
    said = {"zone": "Europe/London", "day_first": False} | options
    file = SimpleUploadedFile("orders.csv", body)
    return imports.start(file, actor=by or make.user("merchandiser"), now=NOW, **said)


def imported(body: bytes, **options: Any) -> HistoryFile:
    job = start(body, **options)
    run_import(job.pk)
    return HistoryFile.objects.get(pk=job.pk)
