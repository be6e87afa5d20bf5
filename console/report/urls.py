"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import URLPattern, path

from console.report import api

app_name = "report"

urlpatterns: list[URLPattern] = [
    path("api/report/<str:code>/", api.report, name="api"),
]

ACCESS: dict[str, str] = {
    "api": "login",
}
