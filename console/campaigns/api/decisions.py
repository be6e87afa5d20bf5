"""Decisions and controls: one endpoint for each action the pages have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import Field, NaiveDatetime, create_model

from console.campaigns import queries
from console.campaigns.api.base import routes
from console.campaigns.api.shapes import CampaignOut, out
from console.campaigns.views.actions import ACTIONS, Action
from console.campaigns.views.asked import actor
from console.shell.rest.shapes import Given
from console.shell.rest.versions import etag

KINDS: dict[str, tuple[Any, str]] = {
    "reason": (str, "Why, in one sentence."),
    "override": (str, "Why the approver should pass over the fatigue policy."),
    "override_until": (
        NaiveDatetime,
        "Until when the override may be used, on the wall clock of its zone.",
    ),
    "typed": (str, "The code of the campaign, once more."),
    "content_hash": (str, "Of the content that was read."),
    "closes_local": (NaiveDatetime, "The new end, on the wall clock of its zone."),
    "fold": (int, "0 or 1 where the wall clock shows that time twice."),
    "countdown": (bool, "The end that shoppers were shown will have been wrong."),
}


def _body(action: Action) -> type[Given] | None:
    """What an action asks for; those marked ! must be said."""
    if not action.asks:
        return None
    fields: dict[str, Any] = {}
    for ask in action.asks:
        kind, about = KINDS[ask.rstrip("!")]
        limit: dict[str, Any] = {"max_length": 1000} if kind is str else {}
        if ask.endswith("!"):
            fields[ask[:-1]] = (kind, Field(description=about, **limit))
        else:
            fields[ask] = (kind | None, Field(None, description=about, **limit))
    name = f"{action.name.capitalize()}Given"
    return create_model(name, __base__=Given, **fields)


def _said(body: Given | None) -> dict[str, Any]:
    """What was said; what may be left out counts as left out where it is empty."""
    if body is None:
        return {}
    must = {name for name, one in type(body).model_fields.items() if one.is_required()}
    said = body.model_dump().items()
    return {n: value for n, value in said if n in must or value not in ("", None)}


def _done(request: HttpRequest, action: Action, code: str, body: Any) -> Any:
    now = timezone.now()
    queries.head(code)
    action.act(code, **_said(body), actor=actor(request), now=now)
    return queries.head(code).campaign


def _endpoint(action: Action) -> Callable[..., CampaignOut]:
    """The view of one action."""
    body = _body(action)

    def plain(request: HttpRequest, code: str, response: HttpResponse) -> CampaignOut:
        after = _done(request, action, code, None)
        etag(response, after.version)
        return out(after)

    def asking(
        request: HttpRequest, code: str, response: HttpResponse, body: Any = None
    ) -> CampaignOut:
        after = _done(request, action, code, body)
        etag(response, after.version)
        return out(after)

    view: Callable[..., CampaignOut] = asking if body else plain
    if body:
        must = any(field.is_required() for field in body.model_fields.values())
        asking.__annotations__["body"] = body
        if must:
            asking.__defaults__ = None
    view.__name__, view.__doc__ = action.name, f"{action.title}."
    return view


for _action in ACTIONS.values():
    routes.acts(f"/campaigns/{{code}}/{_action.name}", _action.need, CampaignOut)(
        _endpoint(_action)
    )
