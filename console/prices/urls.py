"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.prices import views

app_name = "prices"

urlpatterns = [
    path("", views.home, name="home"),
    path("of/<path:sku>/backfill/", views.backfill, name="backfill"),
    path("of/<path:sku>/", views.history, name="history"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "backfill": "prices.edit",
    "history": "login",
}
