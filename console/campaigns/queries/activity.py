"""What was done to a campaign, from the trail."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from console.audit.models import Entry
from console.campaigns.models import Campaign

PER_PAGE = 40


def activity(campaign: Campaign, *, page: str = "1") -> Page[Entry]:
    """Entries about the campaign, its stock and its plan, newest first."""
    return Paginator(_entries(campaign), PER_PAGE).get_page(page)


def _entries(campaign: Campaign) -> QuerySet[Entry]:
    itself = Q(object_type="campaigns.campaign", object_id=str(campaign.pk))
    named = Q(object_type="", object_id__in=[campaign.code, campaign.plan])
    steps = Q(object_label__startswith=f"{campaign.plan}/")
    return Entry.objects.filter(itself | named | steps).order_by("-position")
