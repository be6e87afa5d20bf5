"""Every address of the web server, room by room."""

from __future__ import annotations

from django.urls import include, path

from config.api import api, docs
from console.stock.feed_api import receive

urlpatterns = [
    path("api/v1/", api.urls),
    path("account/api/", docs, name="api_docs"),
    path("account/", include("console.shell.account_urls")),
    path("audit/", include("console.audit.urls")),
    path("", include("console.runbook.urls")),
    path("settings/providers/", include("console.providers.urls")),
    path("settings/fatigue/", include("console.fatigue.urls")),
    path("settings/prices/", include("console.prices.urls")),
    path("stock/", include("console.stock.urls")),
    path("api/stock/feeds/<slug:name>/", receive, name="stock_feed"),
    path("capacity/", include("console.capacity.urls")),
    path("", include("console.campaigns.urls")),
    path("", include("console.orders.urls")),
    path("", include("console.live.urls")),
    path("", include("console.report.urls")),
    path("uplift/", include("console.uplift.urls")),
    path("", include("console.people.urls")),
    path("", include("console.shell.urls")),
]

handler400 = "console.shell.failures.bad_request"
handler403 = "console.shell.failures.not_allowed"
handler404 = "console.shell.failures.not_found"
handler500 = "console.shell.failures.broke"
