"""REST endpoints of prices: histories, prior price and claim, conflicts, evidence."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema
from pydantic import AwareDatetime, Field

from console.prices import evidence as proof
from console.prices import operations, pages, views
from console.prices.models import WEB, Conflict
from console.prices.operations import Note
from console.prices.rules import Reason
from console.prices.rules.reverting import Choice
from console.shell.rest.routes import Routes, file_answer
from console.shell.rest.shapes import Given, Paged, Price, paged

EDIT = "prices.edit"
routes = Routes("prices")


def _said(amount: Decimal | None) -> str | None:
    """An amount with two digits at least."""
    if amount is None:
        return None
    exponent = amount.normalize().as_tuple().exponent
    digits = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:.{digits}f}"


class PriceRow(Schema):
    """What one SKU costs in one channel, and its lowest price of 30 days."""

    sku: str
    channel: str
    currency: str
    amount: str
    from_at: datetime
    campaign: str
    low: str | None
    rows: int


def _row(row: pages.Row) -> PriceRow:
    same = ("sku", "channel", "currency", "from_at", "campaign")
    return PriceRow(
        amount=str(_said(row.point.amount)),
        low=_said(row.low.amount) if row.low else None,
        rows=row.rows,
        **{name: getattr(row.point, name) for name in same},
    )


@routes.reads("/prices", Paged[PriceRow])
def list_(request: HttpRequest, q: str = "", page: int = 1) -> Paged[PriceRow]:
    """What every SKU costs, by code; q is part of a code, or a campaign's."""
    return paged(pages.listing(q.strip(), page=page, now=timezone.now()), _row)


class SpanOut(Schema):
    """One row of a history. counts: in the 30 days; lowest: it sets the prior price.

    net: without tax; null where the row does not say.
    """

    amount: str
    net: str | None
    from_at: datetime
    until: datetime | None
    reason: str
    campaign: str
    note: str
    void: bool
    counts: bool
    lowest: bool


class HistoryOut(Schema):
    """What a reduction that starts at `at` may claim, and why. prior: 30-day low.

    prior_net: without tax, of the row that set it; null where that row does not say.
    """

    sku: str
    channel: str
    currency: str
    at: datetime
    window_from: datetime
    prior: str | None
    prior_net: str | None
    complete: bool
    sale: str | None
    claim_percent: int | None
    highest_for_20_percent: str | None
    spans: list[SpanOut]


def _span(span: pages.Span) -> SpanOut:
    point = span.point
    same = ("from_at", "reason", "campaign", "note")
    told = {name: getattr(point, name) for name in same}
    own = {n: getattr(span, n) for n in ("until", "void", "counts", "lowest")}
    amount, net = str(_said(point.amount)), _said(point.net)
    return SpanOut(amount=amount, net=net, **told, **own)


@routes.reads("/prices/of/{path:sku}/history", HistoryOut)
def history(
    request: HttpRequest,
    sku: str,
    at: AwareDatetime | None = None,
    sale: Price | None = None,
    channel: str = "",
    currency: str = "",
) -> HistoryOut:
    """The history of a SKU; prior price and claim of a reduction at an instant."""
    scopes = pages.scopes(sku)
    if not scopes:
        raise Http404(sku)
    scope = next(
        (one for one in scopes if channel in ("", one[0]) and currency in ("", one[1])),
        None,
    )
    if scope is None:
        raise Http404(f"{sku} {channel} {currency}")
    found = pages.evidence(
        sku, at or timezone.now(), channel=scope[0], currency=scope[1], sale=sale
    )
    same = ("sku", "channel", "currency", "at", "window_from")
    return HistoryOut(
        prior=_said(found.prior.amount) if found.prior else None,
        prior_net=_said(found.prior.net) if found.prior else None,
        complete=bool(found.prior and found.prior.complete),
        sale=_said(sale),
        claim_percent=found.claim,
        highest_for_20_percent=_said(found.best),
        spans=[_span(one) for one in found.spans],
        **{name: getattr(found, name) for name in same},
    )


class PastPrice(Given):
    """A price that was in force before Doorbuster knew of it. net: without tax."""

    amount: Price
    net: Price | None = None
    from_at: AwareDatetime
    remark: str = Field(max_length=200, min_length=1)
    channel: str = Field(WEB, pattern="^[-a-zA-Z0-9_]{1,20}$")
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")


class PointOut(Schema):
    """A row that was written; histories only grow."""

    sku: str
    amount: str
    from_at: datetime
    currency: str
    channel: str


@routes.acts("/prices/of/{path:sku}/history", EDIT, PointOut, status=201)
def backfill(request: HttpRequest, sku: str, body: PastPrice) -> PointOut:
    """Add a price of the past to a history."""
    note = Note(
        sku,
        body.amount,
        body.from_at,
        Reason.BACKFILL,
        body.currency,
        channel=body.channel,
        net=body.net,
        remark=body.remark,
    )
    operations.backfill(note, actor=_actor(request), now=timezone.now())
    return PointOut(
        sku=sku,
        amount=str(_said(body.amount)),
        from_at=body.from_at,
        currency=body.currency,
        channel=body.channel,
    )


class ConflictOut(Schema):
    """A price after a sale that a person decides about. choice: empty until then."""

    id: int
    campaign: str
    sku: str
    currency: str
    why: str
    keep: str
    restore: str
    found_at: datetime
    choice: str
    decided_by: str | None
    decided_at: datetime | None


def _conflict(one: Conflict) -> ConflictOut:
    same = ("campaign", "sku", "currency", "why", "found_at", "choice", "decided_at")
    return ConflictOut(
        id=one.pk,
        keep=str(_said(one.kept_amount)),
        restore=str(_said(one.restored_amount)),
        decided_by=one.decided_by.get_username() if one.decided_by else None,
        **{name: getattr(one, name) for name in same},
    )


@routes.reads("/prices/conflicts", Paged[ConflictOut])
def conflicts(
    request: HttpRequest, campaign: str = "", page: int = 1
) -> Paged[ConflictOut]:
    """Prices a person decides about, the undecided first."""
    return paged(pages.conflicts(campaign=campaign, page=page).page, _conflict)


def _decide(request: HttpRequest, pk: int, choice: Choice) -> ConflictOut:
    get_object_or_404(Conflict, pk=pk)
    operations.decide(pk, choice=choice, actor=_actor(request), now=timezone.now())
    found = Conflict.objects.select_related("decided_by")
    return _conflict(found.get(pk=pk))


@routes.acts("/prices/conflicts/{int:pk}/keep", EDIT, ConflictOut)
def keep(request: HttpRequest, pk: int) -> ConflictOut:
    """Leave the price as the shop has it."""
    return _decide(request, pk, Choice.KEEP)


@routes.acts("/prices/conflicts/{int:pk}/restore", EDIT, ConflictOut)
def restore(request: HttpRequest, pk: int) -> ConflictOut:
    """Put the price back to what it was before the sale."""
    return _decide(request, pk, Choice.RESTORE)


class EvidenceOut(Schema):
    """The evidence of a sale. sealed_at: when the trail took this very seal.

    Of each line `said` is what shops were given to say about its last units.
    """

    sale: dict[str, Any]
    packs: list[dict[str, Any]]
    approvals: list[dict[str, Any]]
    seal: str
    sealed_at: datetime | None
    lines: Paged[dict[str, Any]]


def _evidence(code: str, page: int) -> EvidenceOut:
    found = pages.proof(proof.pack(proof.facts(code)), page=page)
    same = ("sale", "packs", "approvals", "seal", "sealed_at")
    lines = paged(found.page, dict)
    return EvidenceOut(lines=lines, **{name: getattr(found, name) for name in same})


@routes.reads("/prices/evidence/{code}", EvidenceOut)
def evidence(
    request: HttpRequest, code: str, page: Annotated[int, Field(ge=1)] = 1
) -> EvidenceOut:
    """Why a sale may claim what it claims, a page of its lines."""
    return _evidence(code, page)


@routes.reads(
    "/prices/evidence/{code}/file",
    extra=file_answer("application/json", "Checked offline by verify_evidence"),
)
def evidence_file(request: HttpRequest, code: str) -> HttpResponse:
    """The evidence of a sale as the file that is checked offline."""
    return views.evidence_file(request, code)


@routes.acts("/prices/evidence/{code}/seal", EDIT, EvidenceOut)
def seal(request: HttpRequest, code: str) -> EvidenceOut:
    """Write the seal of the evidence into the trail."""
    sealed = proof.pack(proof.facts(code))
    operations.seal_evidence(
        code, sealed.seal, actor=_actor(request), now=timezone.now()
    )
    return _evidence(code, 1)


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
