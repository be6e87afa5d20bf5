"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ReportConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.report"
    default_auto_field = "django.db.models.BigAutoField"
