"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.orders"
    default_auto_field = "django.db.models.BigAutoField"
