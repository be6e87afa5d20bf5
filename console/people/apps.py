"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the room; users and groups are Django's own tables."""

    name = "console.people"
    default_auto_field = "django.db.models.BigAutoField"
