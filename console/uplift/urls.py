"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "uplift"

urlpatterns: list[URLPattern] = []

ACCESS: dict[str, str] = {}
