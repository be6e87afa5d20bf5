"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path, re_path

from console.stock.views import (
    certificate,
    dialogs,
    entries,
    levels,
    panel,
    pending,
    stuck,
)

app_name = "stock"

urlpatterns = [
    path("", panel.home, name="home"),
    path("search/", levels.search, name="search"),
    path("levels/", levels.levels, name="levels"),
    re_path("^levels/levels[.](?P<form>csv|xlsx)$", levels.export, name="export"),
    path("levels/pending/", pending.pending, name="pending"),
    path("levels/pending/<int:pk>/approve/", pending.approve, name="approve_count"),
    path("levels/pending/<int:pk>/refuse/", pending.refuse, name="refuse_count"),
    path("levels/import/", levels.import_, name="import"),
    path("levels/<int:pk>/adjust/", levels.adjust, name="adjust"),
    path("allocations/<int:pk>/topup/", dialogs.topup, name="topup"),
    path("allocations/<int:pk>/buffer/", dialogs.buffer, name="buffer"),
    path("allocations/<int:pk>/history/", entries.history, name="history"),
    path("ledger/<int:sku>/", entries.ledger, name="ledger"),
    path("ledger/<int:sku>/entries/", entries.entries, name="entries"),
    path("ledger/<int:sku>/entries.csv", entries.file, name="entries_file"),
    re_path("^allocations/(?P<act>topup|buffer)/$", dialogs.several, name="several"),
    path("<slug:campaign>/", panel.panel, name="panel"),
    path("<slug:campaign>/anatomy/", panel.anatomy, name="anatomy"),
    path("<slug:campaign>/allocations/", panel.allocations, name="allocations"),
    path("<slug:campaign>/movements/", panel.movements, name="movements"),
    path("<slug:campaign>/books/", panel.books, name="books"),
    path("<slug:campaign>/limits/", panel.limits, name="limits"),
    path("<slug:campaign>/reservations/", panel.reservations, name="reservations"),
    path("<slug:campaign>/undersell/", stuck.undersell, name="undersell"),
    path("<slug:campaign>/stuck/", stuck.look, name="look"),
    path("<slug:campaign>/reclaim/", stuck.reclaim, name="reclaim"),
    path("<slug:campaign>/certificate/", certificate.certificate, name="certificate"),
    re_path(
        "^(?P<code>[-a-zA-Z0-9_]+)/certificate[.](?P<form>csv|json|jsonl)$",
        certificate.file,
        name="certificate_file",
    ),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "search": "login",
    "levels": "login",
    "export": "login",
    "pending": "login",
    "approve_count": "stock.edit",
    "refuse_count": "stock.edit",
    "import": "stock.edit",
    "adjust": "stock.edit",
    "topup": "stock.edit",
    "buffer": "stock.edit",
    "several": "stock.edit",
    "history": "login",
    "ledger": "login",
    "entries": "login",
    "entries_file": "login",
    "panel": "login",
    "anatomy": "login",
    "allocations": "login",
    "movements": "login",
    "books": "login",
    "limits": "login",
    "reservations": "login",
    "undersell": "login",
    "look": "login",
    "reclaim": "stock.control",
    "certificate": "login",
    "certificate_file": "login",
}
