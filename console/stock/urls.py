"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path, re_path

from console.stock.views import buffers, dialogs, levels, panel, waves

app_name = "stock"

urlpatterns = [
    path("", panel.home, name="home"),
    path("search/", levels.search, name="search"),
    path("levels/", levels.levels, name="levels"),
    re_path("^levels/levels[.](?P<form>csv|xlsx)$", levels.export, name="export"),
    path("levels/import/", levels.import_, name="import"),
    path("levels/<int:pk>/adjust/", levels.adjust, name="adjust"),
    path("allocations/<int:pk>/topup/", dialogs.topup, name="topup"),
    path("allocations/<int:pk>/buffer/", dialogs.buffer, name="buffer"),
    path("allocations/<int:pk>/history/", dialogs.history, name="history"),
    re_path("^allocations/(?P<act>topup|buffer)/$", dialogs.several, name="several"),
    path("buffers/", buffers.buffers, name="buffers"),
    path("buffers/add/", buffers.add_policy, name="add_policy"),
    path("buffers/<int:pk>/", buffers.change_policy, name="change_policy"),
    path("buffers/<int:pk>/remove/", buffers.remove_policy, name="remove_policy"),
    path("rules/<int:pk>/run/", waves.run_rule, name="run_rule"),
    path("rules/<int:pk>/drop/", waves.drop_rule, name="drop_rule"),
    path("<slug:campaign>/", panel.panel, name="panel"),
    path("<slug:campaign>/anatomy/", panel.anatomy, name="anatomy"),
    path("<slug:campaign>/allocations/", panel.allocations, name="allocations"),
    path("<slug:campaign>/movements/", panel.movements, name="movements"),
    path("<slug:campaign>/books/", panel.books, name="books"),
    path("<slug:campaign>/limits/", panel.limits, name="limits"),
    path("<slug:campaign>/waves/", waves.waves, name="waves"),
    path("<slug:campaign>/waves/plan/", waves.plan_waves, name="plan_waves"),
    path("<slug:campaign>/waves/next/", waves.next_wave, name="next_wave"),
    path("<slug:campaign>/rules/add/", waves.add_rule, name="add_rule"),
    path("<slug:campaign>/reservations/", panel.reservations, name="reservations"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "search": "login",
    "levels": "login",
    "export": "login",
    "import": "stock.edit",
    "adjust": "stock.edit",
    "topup": "stock.edit",
    "buffer": "stock.edit",
    "several": "stock.edit",
    "history": "login",
    "buffers": "login",
    "add_policy": "stock.edit",
    "change_policy": "stock.edit",
    "remove_policy": "stock.edit",
    "waves": "login",
    "plan_waves": "stock.edit",
    "next_wave": "stock.control",
    "add_rule": "stock.edit",
    "run_rule": "stock.control",
    "drop_rule": "stock.edit",
    "panel": "login",
    "anatomy": "login",
    "allocations": "login",
    "movements": "login",
    "books": "login",
    "limits": "login",
    "reservations": "login",
}
