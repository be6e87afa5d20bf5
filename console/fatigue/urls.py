"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.fatigue import views

app_name = "fatigue"

urlpatterns = [
    path("", views.policy, name="policy"),
    path("add/", views.add_audience, name="add_audience"),
    path("of/<slug:slug>/", views.policy, name="audience"),
    path("of/<slug:slug>/save/", views.save, name="save"),
    path("of/<slug:slug>/preview/", views.preview_, name="preview"),
]

ACCESS: dict[str, str] = {
    "policy": "login",
    "add_audience": "fatigue.edit",
    "audience": "login",
    "save": "fatigue.edit",
    "preview": "login",
}
