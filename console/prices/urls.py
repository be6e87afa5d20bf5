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
    path("of/<path:sku>/backfill/", views.backfill, name="backfill"),
    path("of/<path:sku>/", views.history, name="history"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "conflicts": "login",
    "keep": "prices.edit",
    "restore": "prices.edit",
    "backfill": "prices.edit",
    "history": "login",
}
