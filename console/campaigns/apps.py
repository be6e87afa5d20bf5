"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Registers the room under its own name."""

    name = "console.campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell fatigue, prices, stock and people's scopes where sales are known."""
        from console.campaigns.queries import (
            ahead,
            evidence,
            plans,
            reach,
            sales,
            takings,
        )
        from console.fatigue import calendar
        from console.people import concerns
        from console.prices.evidence import told_by
        from console.stock.queries.sales import Source, sales_told_by
        from console.stock.queries.waiting import priced_by

        calendar.register(calendar.Source(plans.planned, sales.sales_of))
        told_by(evidence.facts)
        priced_by(takings.prices)
        sales_told_by(Source(ahead.known, ahead.opens_next))
        concerns.told_by(concerns.Kind.CAMPAIGN, reach.concern)
