"""Products that are on sale too often: a card of the fatigue policies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns.queries.too_often import TooOften, too_often
from console.shell.parts import part_of


@require_safe
@part_of("fatigue:policy")
def card(request: HttpRequest) -> HttpResponse:
    """Look through the whole calendar; the page asks for it by itself."""
    found = too_often(now=timezone.now())
    context = {"found": found, "summary": _summary(found), "looked": _looked(found)}
    return render(request, "campaigns/_too_often.html", context)


def _summary(found: TooOften) -> str:
    if found.products == 1:
        when = "in a sale to come" if found.ahead else "in past sales only"
        return f"1 product is on sale more often than its limits allow, {when}."
    when = f"{found.ahead:,} of them in sales to come" if found.ahead else ""
    text = f"{found.products:,} products are on sale more often than their limits allow"
    return f"{text}, {when or 'in past sales only'}."


def _looked(found: TooOften) -> str:
    word = "sale was" if found.sales == 1 else "sales were"
    return f"{found.sales:,} {word} looked at."
