"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class UpliftConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.uplift"
    default_auto_field = "django.db.models.BigAutoField"
