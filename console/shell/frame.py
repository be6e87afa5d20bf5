"""What every page's frame needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from console.shell import policy


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame: who is looking, what they may do, where this is."""
    user = getattr(request, "user", None)
    held = policy.roles(user) if user is not None else frozenset()
    return {
        "roles": sorted(held),
        "may": policy.permissions(held),
        "retailer": settings.RETAILER,
        "environment": settings.ENVIRONMENT,
        "shop_zone": settings.SHOP_ZONE,
        "demo": settings.DEMO,
        "edge_url": settings.EDGE_URL,
        "page_at": timezone.now(),
    }
