"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ShellConfig(AppConfig):
    """Registers the room, and finds every room's health checks."""

    name = "console.shell"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the health.py of each room."""
        autodiscover_modules("health")
