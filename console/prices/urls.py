"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.prices import views

app_name = "prices"

urlpatterns = [
    path("", views.home, name="home"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/<int:pk>/keep/", views.decide, {"choice": "keep"}, name="keep"),
    path(
        "conflicts/<int:pk>/restore/",
        views.decide,
        {"choice": "restore"},
        name="restore",
    ),
    path("evidence/<code>/", views.evidence, name="evidence"),
    path("evidence/<code>/export/", views.evidence_file, name="evidence_file"),
    path("evidence/<code>/seal/", views.seal, name="seal"),
    path("of/<path:sku>/backfill/", views.backfill, name="backfill"),
    path("of/<path:sku>/", views.history, name="history"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "conflicts": "login",
    "keep": "prices.edit",
    "restore": "prices.edit",
    "evidence": "login",
    "evidence_file": "login",
    "seal": "prices.edit",
    "backfill": "prices.edit",
    "history": "login",
}
