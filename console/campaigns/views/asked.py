"""Who asks, by what, and what they may do."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from console.campaigns.models import Campaign
from console.campaigns.rules import State
from console.shell import policy

CHANGED = "campaign-changed"


class HtmxHttpRequest(HttpRequest):
    """A request that says whether htmx asks."""

    htmx: HtmxDetails


def actor(request: HttpRequest) -> User:
    """Who asks; the access table lets nobody in who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


def editable(request: HttpRequest, campaign: Campaign) -> bool:
    """True where this person may change the plan as it stands."""
    return campaign.state == State.DRAFT and policy.may(request.user, "campaigns.edit")
