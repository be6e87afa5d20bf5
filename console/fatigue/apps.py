"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class FatigueConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.fatigue"
    default_auto_field = "django.db.models.BigAutoField"
