"""The evidence page, the page of one past sale, and telling one by hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns.views.asked import HtmxHttpRequest, actor
from console.shell.show import done, show
from console.uplift import charts
from console.uplift.forms import PastSaleForm
from console.uplift.models import PastSale
from console.uplift.operations import sales as operations
from console.uplift.queries import sales
from console.uplift.queries.evidence import evidence


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what past sales brought, and what that says about the policy."""
    told = evidence(now=timezone.now())
    sort = sales.sorting(request.GET.get("sort", ""))
    measured = bool(told.points) and request.GET.get("show") != "all"
    context = {
        "told": told,
        "measured": measured,
        "page": sales.page(request.GET.get("page"), sort=sort, measured=measured),
        "sort": sort.lstrip("-"),
        "desc": sort.startswith("-"),
        "by_rest": charts.by_rest(told),
        "rest_sentence": charts.rest_sentence(told),
        "rest_takeaway": charts.rest_takeaway(told),
        "by_depth": charts.by_depth(told),
        "depth_sentence": charts.depth_sentence(told),
        "depth_takeaway": charts.depth_takeaway(told),
    }
    return show(request, "uplift/evidence.html", context)


@require_safe
def sale(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one past sale: each figure with its interval, or why it is unknown."""
    found = get_object_or_404(PastSale.objects.select_related("audience", "by"), pk=pk)
    return show(request, "uplift/sale.html", {"detail": sales.detail(found)})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HtmxHttpRequest) -> HttpResponse:
    """Take in a past sale that a person remembers."""
    form = PastSaleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and form.window:
        told = operations.add(
            form.cleaned_data["name"],
            form.codes,
            window=form.window,
            depth=form.share,
            actor=actor(request),
            now=timezone.now(),
        )
        there = reverse("uplift:sale", args=[told.pk])
        return done(request, f"Added {told}. It is being measured", to=there)
    status = 422 if form.errors else 200
    return show(request, "uplift/add.html", {"form": form}, status=status)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out a past sale that was told by hand."""
    found = get_object_or_404(PastSale, pk=pk)
    operations.remove(pk, actor=actor(request), now=timezone.now())
    return done(request, f"Took out {found}", to=reverse("uplift:home"))
