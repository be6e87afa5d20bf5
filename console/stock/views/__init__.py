"""Pages of stock: the panel of a campaign, its dialogs, and the levels."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest


def person(request: HttpRequest) -> User:
    """Who acts; the gatekeeper lets nobody in who is not signed in."""
    assert isinstance(request.user, User)
    return request.user
