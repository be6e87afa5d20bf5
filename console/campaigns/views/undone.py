"""The offer to take the last change of a plan back, for as long as it is the last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from console.campaigns.models import Campaign
from console.campaigns.queries.undoable import last_change
from console.campaigns.views.asked import editable


def offered(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """What `_undo.html` shows; nothing to whom may not edit the plan now."""
    if not editable(request, campaign):
        return {"last": None}
    return {"last": last_change(campaign)}
