"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.runbook import api, views

app_name = "runbook"

urlpatterns = [
    path("runbook/<str:plan>/", views.sheet, name="sheet"),
    path("runbook/<str:plan>/sheet/", views.sheet_partial, name="sheet_partial"),
    path("runbook/<str:plan>/steps/", views.steps, name="steps"),
    path("runbook/<str:plan>/overview/", views.overview, name="overview"),
    path("runbook/steps/<int:pk>/run-now/", views.run_now, name="run_now"),
    path("runbook/steps/<int:pk>/retry/", views.retry, name="retry"),
    path("runbook/steps/<int:pk>/skip/", views.skip, name="skip"),
    path("runbook/steps/<int:pk>/revert/", views.revert, name="revert"),
    path("api/runbook/<str:plan>/", api.sheet, name="api"),
]

ACCESS = {
    "sheet": "login",
    "sheet_partial": "login",
    "steps": "login",
    "overview": "login",
    "run_now": "runbook.act",
    "retry": "runbook.act",
    "skip": "runbook.act",
    "revert": "runbook.act",
    "api": "login",
}
