"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.audit import views

app_name = "audit"

urlpatterns = [
    path("", views.entries, name="list"),
    path("chain/", views.chain, name="chain"),
    path("export.csv", views.export, name="export"),
]

ACCESS = {"list": "audit.view", "chain": "audit.view", "export": "audit.view"}
