"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class StockConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.stock"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell people's scopes what SKUs concern."""
        from console.people.concerns import Kind, told_by
        from console.stock.queries import concern

        told_by(Kind.SKU, concern)
