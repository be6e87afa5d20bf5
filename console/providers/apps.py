"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.providers"
    default_auto_field = "django.db.models.BigAutoField"
