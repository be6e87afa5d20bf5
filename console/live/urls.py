"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.live import views

app_name = "live"

urlpatterns = [
    path("live/", views.home, name="home"),
    path("live/alerts/", views.alerts, name="alerts"),
    path("live/alerts/<int:pk>/ack/", views.acknowledge, name="acknowledge"),
    path("campaigns/<str:code>/live/", views.board, name="board"),
    path("campaigns/<str:code>/live/bar/", views.bar, name="bar"),
    path("campaigns/<str:code>/live/curve/", views.curve, name="curve"),
    path("campaigns/<str:code>/live/panels/", views.panels, name="panels"),
    path("campaigns/<str:code>/live/ticket/", views.ticket, name="ticket"),
]

ACCESS = {
    "home": "login",
    "alerts": "login",
    "acknowledge": "runbook.act",
    "board": "login",
    "bar": "login",
    "curve": "login",
    "panels": "login",
    "ticket": "login",
}
