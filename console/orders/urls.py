"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.orders import api, views

app_name = "orders"

urlpatterns = [
    path("orders/", views.orders, name="list"),
    path("orders/relay/", views.relay, name="relay"),
    path("orders/letters/", views.letters, name="letters"),
    path("orders/letters/replay/", views.replay_all, name="replay_all"),
    path("orders/letters/<int:pk>/replay/", views.replay, name="replay"),
    path("orders/letters/<int:pk>/send-again/", views.send_again, name="send_again"),
    path("orders/destinations/add/", views.add, name="add"),
    path("orders/destinations/<int:pk>/pause/", views.pause, name="pause"),
    path("orders/destinations/<int:pk>/resume/", views.resume, name="resume"),
    path("orders/destinations/<int:pk>/rate/", views.rate, name="rate"),
    path("campaigns/<str:code>/budget/", views.budget, name="budget"),
    path("orders/search/", views.search, name="search"),
    path("api/orders/", api.accepted, name="api"),
    path("api/orders/<slug:connection>/", api.receive, name="receive"),
]

_CONTROL = "pause resume rate replay replay_all send_again"
ACCESS = {
    "list": "login",
    "relay": "login",
    "letters": "login",
    "search": "login",
    "budget": "login",
    "api": "login",
    "receive": "public",
    "add": "providers.edit",
} | dict.fromkeys(_CONTROL.split(), "orders.control")
