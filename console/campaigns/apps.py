"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell fatigue where the sales of an audience are known."""
        from console.campaigns.queries.sales import sales_of_audience
        from console.fatigue import calendar

        calendar.register(sales_of_audience)
