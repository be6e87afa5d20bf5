"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.campaigns"
    default_auto_field = "django.db.models.BigAutoField"
