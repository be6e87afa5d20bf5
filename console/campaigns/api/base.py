"""What every endpoint of campaigns shares: the routes, and their permissions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from console.campaigns.views.asked import actor
from console.shell.rest.routes import Routes

EDIT = "campaigns.edit"
FREEZE = "campaigns.freeze"
NOTE = "campaigns.note"
routes = Routes("campaigns")


def asks(request: HttpRequest) -> dict[str, Any]:
    """Who asks, and when: what every operation takes."""
    return {"actor": actor(request), "now": timezone.now()}
