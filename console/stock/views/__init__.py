"""Pages of stock: the panel of a campaign, its dialogs, and the levels."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from console.stock import queries

View = Callable[..., HttpResponseBase]


def person(request: HttpRequest) -> User:
    """Who acts; the gatekeeper lets nobody in who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


def check_sale(campaign: str) -> None:
    """Answer 404 where there is no such campaign.

    Raises:
        Http404: neither a plan nor a lock nor a gate is of that code.
    """
    if not queries.is_sale(campaign):
        raise Http404(f"There is no campaign {campaign}.")


def of_sale(view: View) -> View:
    """Open a view of a campaign only where there is that campaign."""

    @wraps(view)
    def checked(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        check_sale(captured.get("campaign") or captured["code"])
        return view(request, **captured)

    return checked
