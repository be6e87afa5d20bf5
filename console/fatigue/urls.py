"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.fatigue import audience_views, views

app_name = "fatigue"

urlpatterns = [
    path("", views.policy, name="policy"),
    path("add-audience/", views.add_audience, name="add_audience"),
    path("add-policy/", views.add_policy, name="add_policy"),
    path("audiences/", audience_views.audiences, name="audiences"),
    path("audiences/files/", audience_views.files, name="contact_files"),
    path("audiences/contacts/", audience_views.add_contacts, name="add_contacts"),
    path("audiences/rates/", audience_views.add_rates, name="add_rates"),
    path("start/", views.start, name="start"),
    path("of/<int:pk>/", views.policy, name="scope"),
    path("of/<int:pk>/save/", views.save, name="save"),
    path("of/<int:pk>/preview/", views.preview_, name="preview"),
]

ACCESS: dict[str, str] = {
    "policy": "login",
    "add_audience": "fatigue.edit",
    "add_policy": "fatigue.edit",
    "audiences": "login",
    "contact_files": "login",
    "add_contacts": "fatigue.audience",
    "add_rates": "fatigue.audience",
    "start": "fatigue.edit",
    "scope": "login",
    "save": "fatigue.edit",
    "preview": "login",
}
