"""The REST API: the endpoints of every room, mounted under `/api/v1/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.campaigns.api import routes as campaigns
from console.fatigue.audience_api import routes as fatigue
from console.orders.planning_api import routes as orders
from console.prices.api import routes as prices
from console.shell.rest.api import Api
from console.uplift.histories_api import routes as uplift

ABOUT = "Plan, approve and run sales: everything the pages of planning can do."
api = Api(
    [campaigns, fatigue, prices, orders, uplift],
    title="Doorbuster",
    version="1",
    description=ABOUT,
    urls_namespace="api",
)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """List every endpoint for people, from the description programs read."""
    told = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in sorted(told["paths"].items()):
        for method, one in methods.items():
            row = {"path": path, "method": method.upper(), "need": one["x-permission"]}
            groups.setdefault(one["tags"][0], []).append(row | one)
    return render(request, "shell/api.html", {"groups": groups, "about": ABOUT})
