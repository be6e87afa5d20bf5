"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell fatigue where sales are known."""
        from console.campaigns.queries import plans, sales
        from console.fatigue import calendar

        calendar.register(calendar.Source(plans.planned, sales.sales_of))
