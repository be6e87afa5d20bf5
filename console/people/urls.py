"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import path

from console.people import token_views, views

app_name = "people"

urlpatterns = [
    path("settings/people/", views.list_, name="list"),
    path("settings/people/add/", views.add, name="add"),
    path("settings/people/<int:pk>/edit/", views.edit, name="edit"),
    path("settings/people/<int:pk>/deactivate/", views.deactivate, name="deactivate"),
    path("settings/people/<int:pk>/activate/", views.activate, name="activate"),
    path("settings/people/<int:pk>/invite/", views.invite, name="invite"),
    path("settings/people/<int:pk>/tokens/", token_views.of_service, name="service"),
    path(
        "settings/people/tokens/<int:pk>/revoke/",
        token_views.revoke_of_service,
        name="revoke_service",
    ),
    path("account/tokens/", token_views.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", token_views.revoke, name="revoke"),
    path(
        "account/link/<uidb64>/<token>/",
        views.SetPassword.as_view(),
        name="set_password",
    ),
]

ACCESS = {
    "list": "people.view",
    "add": "people.edit",
    "edit": "people.edit",
    "deactivate": "people.edit",
    "activate": "people.edit",
    "invite": "people.edit",
    "service": "people.edit",
    "revoke_service": "people.edit",
    "tokens": "login",
    "revoke": "login",
    "set_password": "public",
}
