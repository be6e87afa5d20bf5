"""The Django application of this room."""

from __future__ import annotations

import logging

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.providers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the client's own log quiet: at debug it prints headers, secrets too."""
        for name in ("httpcore2", "httpx2"):
            logging.getLogger(name).setLevel(logging.WARNING)
