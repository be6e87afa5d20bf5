"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path, re_path

from console.stock.views import dialogs, imports, levels, panel, publishing, unlocking

app_name = "stock"

urlpatterns = [
    path("", panel.home, name="home"),
    path("search/", levels.search, name="search"),
    path("levels/", levels.levels, name="levels"),
    re_path("^levels/levels[.](?P<form>csv|xlsx)$", levels.export, name="export"),
    path("levels/import/", imports.upload, name="import"),
    path("levels/import/<int:pk>/", imports.job, name="import_job"),
    path("levels/import/<int:pk>/apply/", imports.apply, name="import_apply"),
    path("levels/import/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("levels/import/<int:pk>/errors/", imports.errors, name="import_errors"),
    path("levels/<int:pk>/adjust/", levels.adjust, name="adjust"),
    path("allocations/<int:pk>/topup/", dialogs.topup, name="topup"),
    path("allocations/<int:pk>/buffer/", dialogs.buffer, name="buffer"),
    path("allocations/<int:pk>/history/", dialogs.history, name="history"),
    path("allocations/unlock/", unlocking.unlock, name="unlock"),
    re_path("^allocations/(?P<act>topup|buffer)/$", dialogs.several, name="several"),
    path("shops/<slug:connection>/again/", publishing.send_again, name="send_again"),
    path("<slug:campaign>/", panel.panel, name="panel"),
    path("<slug:campaign>/anatomy/", panel.anatomy, name="anatomy"),
    path("<slug:campaign>/allocations/", panel.allocations, name="allocations"),
    path("<slug:campaign>/movements/", panel.movements, name="movements"),
    path("<slug:campaign>/books/", panel.books, name="books"),
    path("<slug:campaign>/publishing/", publishing.publishing, name="publishing"),
    path("<slug:campaign>/limits/", panel.limits, name="limits"),
    path("<slug:campaign>/reservations/", panel.reservations, name="reservations"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "search": "login",
    "levels": "login",
    "export": "login",
    "import": "stock.edit",
    "import_job": "stock.edit",
    "import_apply": "stock.edit",
    "import_cancel": "stock.edit",
    "import_errors": "stock.edit",
    "adjust": "stock.edit",
    "topup": "stock.edit",
    "buffer": "stock.edit",
    "several": "stock.edit",
    "unlock": "stock.control",
    "history": "login",
    "panel": "login",
    "anatomy": "login",
    "allocations": "login",
    "movements": "login",
    "books": "login",
    "publishing": "login",
    "send_again": "stock.control",
    "limits": "login",
    "reservations": "login",
}
