"""REST endpoints of fatigue: what is protected, and whom."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from console.fatigue import operations, queries
from console.fatigue.api import EDIT, PolicyOut, actor, out, policies, refuse, routes
from console.fatigue.forms import AudienceForm, ScopeForm
from console.shell.rest.shapes import Given

__all__ = ["routes"]


class ScopeGiven(Given):
    """What a new policy protects; name `*` is each of its kind."""

    kind: str
    name: str = ""


@routes.acts("/fatigue/policies", EDIT, PolicyOut, status=201)
def add_policy(request: HttpRequest, body: ScopeGiven) -> PolicyOut:
    """Protect a scope by version 1 of a policy with our defaults."""
    form = ScopeForm(body.model_dump())
    if not form.is_valid():
        refuse(form)
    added = operations.add_policy(
        form.scope,
        form.limits(settings.SHOP_ZONE),
        reason="First version",
        actor=actor(request),
        now=timezone.now(),
    )
    return out(added)


class AudienceOut(Schema):
    """A group of people who can tire."""

    slug: str
    name: str
    size: int


@routes.reads("/fatigue/audiences", list[AudienceOut])
def audiences(request: HttpRequest) -> list[AudienceOut]:
    """Every audience, the largest first."""
    found = queries.audiences()
    return [AudienceOut(slug=a.slug, name=a.name, size=a.size) for a in found]


class AudienceGiven(Given):
    """A new audience."""

    name: str
    size: int = 0


@routes.acts("/fatigue/audiences", EDIT, AudienceOut, status=201)
def add_audience(request: HttpRequest, body: AudienceGiven) -> AudienceOut:
    """Add an audience, with a policy of our defaults."""
    form = AudienceForm(body.model_dump())
    if not form.is_valid():
        refuse(form)
    made = operations.add_audience(
        form.cleaned_data["name"],
        size=form.cleaned_data["size"],
        actor=actor(request),
        now=timezone.now(),
    )
    return AudienceOut(slug=made.slug, name=made.name, size=made.size)


@routes.acts("/fatigue/start", EDIT, list[PolicyOut])
def start(request: HttpRequest) -> list[PolicyOut]:
    """Begin with our defaults; what has a policy already keeps it."""
    operations.start(zone=settings.SHOP_ZONE, actor=actor(request), now=timezone.now())
    return policies(request)
