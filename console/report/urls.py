"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from console.report import api, views

app_name = "report"

urlpatterns: list[URLPattern] = [
    path("campaigns/<str:code>/report/", views.report, name="report"),
    re_path(
        r"^campaigns/(?P<code>[^/]+)/report\.(?P<form>csv|xlsx|json)$",
        views.export,
        name="export",
    ),
    path("api/report/<str:code>/", api.report, name="api"),
]

ACCESS: dict[str, str] = {
    "report": "login",
    "export": "login",
    "api": "login",
}
