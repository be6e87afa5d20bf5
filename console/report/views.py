"""Entrances of people: the report of a sale, and its files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries as campaigns
from console.report import charts, queries, resources
from console.report.rows import sorting
from console.shell.show import show


@require_safe
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a sale came to, or has come to so far."""
    sort = sorting(request.GET.get("sort", ""))
    found = queries.report(code, now=timezone.now(), sort=sort)
    context = {
        "campaign": campaigns.head(code),
        "tab": "report",
        "report": found,
        "sort": sort.lstrip("-"),
        "desc": found.descending,
        "demand": charts.demand(found),
        "demand_sentence": charts.demand_sentence(found),
        "demand_takeaway": charts.demand_takeaway(found),
        "relay": charts.relay(found),
        "relay_sentence": charts.relay_sentence(found),
        "relay_takeaway": charts.relay_takeaway(found),
    }
    return show(request, "report/report.html", context)


@require_safe
def export(_request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """The report as a file: csv or xlsx with the SKUs, json with everything."""
    found = queries.report(code, now=timezone.now())
    return resources.file(found, f"{code}-report.{form}", form)
