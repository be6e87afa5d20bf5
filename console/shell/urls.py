"""Addresses of the frame itself: health and the way home."""

from __future__ import annotations

from django.urls import path

from console.shell import views

app_name = "shell"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
]

ACCESS = {
    "healthz": "public",
}
