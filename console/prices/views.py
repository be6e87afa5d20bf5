"""Pages of prices: histories, past prices, prices to decide, evidence of a sale."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.prices import evidence as proof
from console.prices import operations, pages
from console.prices.forms import BackfillForm, LookForm
from console.prices.models import Conflict
from console.prices.rules import spell
from console.prices.rules.reverting import Choice
from console.shell.show import done, show

CHANGED = "conflicts-changed"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what every SKU costs, and its 30-day low."""
    find = request.GET.get("q", "").strip()
    page = pages.listing(find, page=request.GET.get("page", 1), now=timezone.now())
    return show(request, "prices/prices.html", {"page": page, "find": find})


@require_GET
def history(request: HttpRequest, sku: str) -> HttpResponse:
    """Show the history of one SKU and what a reduction of it may claim."""
    scopes = pages.scopes(sku)
    if not scopes:
        raise Http404(sku)
    asked = (request.GET.get("channel", ""), request.GET.get("currency", ""))
    scope = asked if asked in scopes else scopes[0]
    look = LookForm(request.GET or None)
    given = look.cleaned_data if look.is_valid() else {}
    found = pages.evidence(
        sku,
        given.get("at") or timezone.now(),
        channel=scope[0],
        currency=scope[1],
        sale=given.get("sale"),
    )
    form = look if look.errors else LookForm(initial=given | {"at": found.at})
    context = {"evidence": found, "scopes": scopes, "scope": scope, "look": form}
    return show(request, "prices/history.html", context)


@require_http_methods(["GET", "POST"])
def backfill(request: HttpRequest, sku: str) -> HttpResponse:
    """Add a price of the past to a history."""
    form = BackfillForm(request.POST or None)
    if form.is_valid():
        operations.backfill(
            form.note(sku),
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        there = reverse("prices:history", args=[sku])
        return done(request, f"Added a price of the past to {sku}", to=there)
    return show(request, "prices/backfill.html", {"form": form, "sku": sku})


@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Show the prices a person decides about, of all sales or of one."""
    campaign, page = request.GET.get("campaign", ""), request.GET.get("page", 1)
    found = pages.conflicts(campaign=campaign, page=page)
    context = {"page": found.page, "open": found.open, "campaign": campaign}
    return show(request, "prices/conflicts.html", context)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int, choice: str) -> HttpResponse:
    """Show what a decision changes, then take it."""
    conflict = get_object_or_404(Conflict, pk=pk)
    if request.method == "GET":
        context = {"conflict": conflict, "choice": choice}
        return show(request, "prices/decide.html", context)
    operations.decide(pk, choice=Choice(choice), actor=request.user, now=timezone.now())
    keep = choice == Choice.KEEP
    amount = conflict.kept_amount if keep else conflict.restored_amount
    shown = spell(amount, conflict.currency)
    text = f"{conflict.sku} {'stays at' if keep else 'goes back to'} {shown}"
    return done(request, text, CHANGED, to=reverse("prices:conflicts"))


@require_GET
def evidence(request: HttpRequest, code: str) -> HttpResponse:
    """Show the evidence of a sale, made for paper as well."""
    sealed = proof.pack(proof.facts(code))
    page = pages.proof(sealed, page=request.GET.get("page", 1))
    return show(request, "prices/evidence.html", {"proof": page, "page": page.page})


@require_GET
def evidence_file(_: HttpRequest, code: str) -> HttpResponse:
    """The evidence of a sale as the file that is checked offline."""
    sealed = proof.pack(proof.facts(code))
    name = f'attachment; filename="evidence-{slugify(code)}.json"'
    headers = {"Content-Disposition": name}
    return HttpResponse(sealed.text, content_type="application/json", headers=headers)


@require_POST
def seal(request: HttpRequest, code: str) -> HttpResponse:
    """Write the seal of the evidence into the trail."""
    sealed = proof.pack(proof.facts(code))
    operations.seal_evidence(code, sealed.seal, actor=request.user, now=timezone.now())
    there = reverse("prices:evidence", args=[code])
    return done(request, f"The seal of {code} is in the trail", to=there)
