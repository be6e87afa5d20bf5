"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.capacity import views

app_name = "capacity"

urlpatterns = [
    path("", views.home, name="home"),
    path("profiles/", views.profiles, name="profiles"),
    path("profiles/add/", views.add_profile, name="add_profile"),
    path("profiles/<int:pk>/", views.edit_profile, name="edit_profile"),
    path("groups/<int:pk>/raise/", views.raise_again, name="raise_again"),
    path("<str:campaign>/", views.panel, name="panel"),
]

ACCESS: dict[str, str] = {
    "home": "login",
    "profiles": "login",
    "add_profile": "capacity.edit",
    "edit_profile": "capacity.edit",
    "raise_again": "capacity.edit",
    "panel": "login",
}
