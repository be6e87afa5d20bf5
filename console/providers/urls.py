"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.providers import views

app_name = "providers"

urlpatterns = [
    path("", views.list_, name="list"),
    path("add/", views.add, name="add"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/test/", views.test, name="test"),
]

ACCESS: dict[str, str] = {
    "list": "providers.view",
    "add": "providers.edit",
    "edit": "providers.edit",
    "test": "providers.test",
}
