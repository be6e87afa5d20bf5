"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import URLPattern, path

from console.uplift.views import evidence, history

app_name = "uplift"

urlpatterns: list[URLPattern] = [
    path("", evidence.home, name="home"),
    path("sales/add/", evidence.add, name="add"),
    path("sales/<int:pk>/", evidence.sale, name="sale"),
    path("sales/<int:pk>/remove/", evidence.remove, name="remove"),
    path("history/", history.histories, name="histories"),
    path("history/import/", history.upload, name="import"),
    path("history/<int:pk>/", history.history, name="history_file"),
    path("history/<int:pk>/left-out.csv", history.left_out, name="left_out"),
    path("history/<int:pk>/remove/", history.remove, name="remove_history"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "add": "uplift.edit",
    "sale": "login",
    "remove": "uplift.edit",
    "histories": "login",
    "import": "uplift.edit",
    "history_file": "login",
    "left_out": "uplift.edit",
    "remove_history": "uplift.edit",
}
