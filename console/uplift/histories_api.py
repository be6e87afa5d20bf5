"""REST endpoints of order histories: brought, watched, and taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Form, Schema, UploadedFile

from console.campaigns import rules
from console.shell.rest.routes import file_answer
from console.uplift.api import EDIT, asks, routes, same
from console.uplift.models import HistoryFile
from console.uplift.operations import imports
from console.uplift.queries import files
from console.uplift.queries.files import LeftOut, Progress
from console.uplift.views import history as pages

__all__ = ["routes"]

HISTORY = "/uplift/histories/{int:pk}"


class LeftOutOut(Schema):
    """Rows left out for one reason, and the numbers of a few of them."""

    reason: str
    count: int
    rows: list[int]


class OrderHistoryOut(Schema):
    """An order history. seen = sales + returns + known + left. percent: read so far."""

    id: int
    name: str
    state: Literal["reading", "done", "failed"]
    zone: str
    percent: float
    seen: int
    sales: int
    returns: int
    known: int
    left: int
    left_out: list[LeftOutOut]
    first_at: datetime | None
    last_at: datetime | None
    error: str
    created_at: datetime
    finished_at: datetime | None


def _left(one: LeftOut) -> LeftOutOut:
    numbers = [row.number for row in one.examples]
    return LeftOutOut(reason=one.label, count=one.count, rows=numbers)


def _history(told: Progress) -> OrderHistoryOut:
    said = same(OrderHistoryOut, told.file) | {
        "id": told.file.pk,
        "percent": told.percent,
    }
    said["left_out"] = [_left(one) for one in told.left_out]
    return OrderHistoryOut(**said)


@routes.reads("/uplift/histories", list[OrderHistoryOut])
def histories(request: HttpRequest) -> list[OrderHistoryOut]:
    """The newest fifty order histories; which rows were left out, only one by one."""
    return [_history(Progress(one, [])) for one in files.files()]


@routes.acts("/uplift/histories", EDIT, OrderHistoryOut, status=202)
def import_(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="CSV, or CSV packed with gzip.")],
    zone: Annotated[str, Form(description="Of its dates.")] = settings.SHOP_ZONE,
    day_first: Annotated[bool, Form(description="5/12 is 5 December.")] = False,
) -> OrderHistoryOut:
    """Bring an order history; a worker reads it. The same file again is the same."""
    rules.zone_of(zone)
    job = imports.start(file, zone=zone, day_first=day_first, **asks(request))
    return _history(files.progress(job))


@routes.reads(HISTORY, OrderHistoryOut)
def history(request: HttpRequest, pk: int) -> OrderHistoryOut:
    """Read how far a history is, and what became of its rows."""
    return _history(files.progress(get_object_or_404(HistoryFile, pk=pk)))


@routes.acts(
    HISTORY + "/left-out.csv",
    EDIT,
    method="GET",
    extra=file_answer("text/csv", "The rows left out"),
)
def left_out(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Every row that was left out, as it was but for its customer, and why."""
    return pages.left_out(request, pk)


@routes.acts(HISTORY, EDIT, method="DELETE")
def remove_history(request: HttpRequest, pk: int) -> None:
    """Take out everything a history brought."""
    get_object_or_404(HistoryFile, pk=pk)
    imports.remove(pk, **asks(request))
