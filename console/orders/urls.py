"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.orders import api

app_name = "orders"

urlpatterns = [
    path("api/orders/<slug:connection>/", api.receive, name="receive"),
]

ACCESS = {
    "receive": "public",
}
