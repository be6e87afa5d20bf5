"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RunbookConfig(AppConfig):
    """Registers the room, and finds every room's step handlers."""

    name = "console.runbook"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the steps.py of each room."""
        autodiscover_modules("steps")
