"""What shops do once units are gone: the panel, and the dialogs that say so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from console import words
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.models import Allocation, SoldOutPolicy
from console.stock.operations.unlocking import SeveralSales
from console.stock.soldout_forms import SoldOutForm
from console.stock.views import person
from console.stock.views.dialogs import seen_of
from console.stock.views.panel import tab

CHANGED = "stock-changed"


@require_GET
@part_of(tab)
def sold_out(request: HttpRequest, campaign: str) -> HttpResponse:
    """What a sale asks for, what shops cannot do, and which pages others changed."""
    now = clock.now()
    plan = queries.sold_out_plan(campaign, now=now)
    context = {"campaign_code": campaign, "plan": plan, "read_at": now}
    return render(request, "stock/_soldout.html", context)


@require_http_methods(["GET", "POST"])
@part_of(tab)
def set_sold_out(request: HttpRequest, campaign: str) -> HttpResponse:
    """Say what shops do, of the whole sale."""
    one = SoldOutPolicy.objects.filter(campaign=campaign, sku=None).first()
    form = SoldOutForm(
        request.POST or None,
        of=one,
        nothing="Show 0 units",
        initial={"version": one.version if one else 0},
    )
    if form.is_valid():
        _set(request, campaign, [], form, form.cleaned_data["version"])
        way = form.chosen()
        text = f"When sold out: {way.label if way else 'show 0 units'}"
        return done(request, text, CHANGED)
    context = {"form": form, "campaign_code": campaign, "codes": [], "ticked": []}
    return render(request, "stock/_set_soldout.html", context)


@require_http_methods(["GET", "POST"])
@part_of(at("stock:home"))
def set_sold_out_skus(request: HttpRequest) -> HttpResponse:
    """Say what shops do, of each SKU that is ticked or named: of one sale, all or none.

    Raises:
        SeveralSales: they are not all of one sale.
    """
    sent = request.POST or request.GET
    ids = [pk for pk, _ in seen_of(sent.getlist("pk"))]
    found = Allocation.objects.filter(pk__in=ids, returned_at=None)
    rows = list(found.select_related("sku").order_by("sku__code"))
    if len({row.campaign for row in rows}) > 1:
        raise SeveralSales("Choose SKUs of one sale at a time.", field="pk")
    one = _only(rows)
    alone = {"version": one.version if one else 0} if len(rows) == 1 else {}
    form = SoldOutForm(
        request.POST or None, of=one, nothing="As the sale does", initial=alone
    )
    if form.is_valid():
        version = form.cleaned_data["version"] if len(rows) == 1 else None
        skus = [row.sku_id for row in rows]
        changed = _set(request, rows[0].campaign, skus, form, version) if rows else 0
        text = f"{words.count(changed, 'SKU')} changed for when it is sold out"
        return done(request, text, CHANGED)
    context = {
        "form": form,
        "codes": [row.sku.code for row in rows],
        "ticked": [row.pk for row in rows],
    }
    return render(request, "stock/_set_soldout.html", context)


def _only(rows: list[Allocation]) -> SoldOutPolicy | None:
    """The policy of the one SKU, if there is one of each."""
    if len(rows) != 1:
        return None
    found = SoldOutPolicy.objects.filter(campaign=rows[0].campaign, sku=rows[0].sku_id)
    return found.first()


def _set(
    request: HttpRequest,
    campaign: str,
    skus: list[int],
    form: SoldOutForm,
    version: int | None,
) -> int:
    return operations.set_sold_out(
        campaign,
        form.chosen(),
        form.cleaned_data["to"],
        skus=skus,
        version=version,
        reason=form.cleaned_data["reason"],
        actor=person(request),
        now=clock.now(),
    )
