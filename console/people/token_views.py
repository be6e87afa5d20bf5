"""Pages of API tokens, one's own and a program's: issue, see once, revoke."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.people import queries, services
from console.people import tokens as operations
from console.people.models import PersonalToken
from console.people.token_forms import TokenForm
from console.shell import policy
from console.shell.policy import Role
from console.shell.show import done


@dataclass(frozen=True)
class Desk:
    """One account's tokens as a page shows them.

    service: the program they are of; None if they are the reader's own. held: what
    their scopes may be. revoke: the name of the view that ends one.
    """

    owner: User
    service: User | None
    held: Set[str]
    revoke: str


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens; issue one and show its secret this once."""
    owner = _owner(request)
    held = policy.permissions(policy.roles(owner))
    desk = Desk(owner, None, held, "people:revoke")
    return _desk(request, desk, operations.issue)


@require_http_methods(["GET", "HEAD", "POST"])
def of_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the tokens of a program; issue one and show its secret this once."""
    service = get_object_or_404(User, pk=pk, groups__name=Role.SERVICE)
    desk = Desk(service, service, services.MAY, "people:revoke_service")
    return _desk(request, desk, partial(services.issue, pk))


def _desk(
    request: HttpRequest, desk: Desk, issue: Callable[..., operations.Issued]
) -> HttpResponse:
    empty = partial(TokenForm, held=desk.held, own=desk.service is None)
    form = empty(request.POST or None)
    context = {"form": form, "now": timezone.now(), "desk": desk}
    if form.is_valid():
        data = form.cleaned_data
        context["issued"] = issue(
            data["name"],
            scopes=data["scopes"],
            days=data["days"],
            actor=_owner(request),
            now=timezone.now(),
        )
        context["form"] = empty()
    context["tokens"] = queries.tokens(desk.owner)
    status = 422 if form.errors else 200
    reply = render(request, "people/tokens.html", context, status=status)
    reply["Cache-Control"] = "no-store"
    return reply


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then make one's own token useless."""
    token = get_object_or_404(PersonalToken, pk=pk, owner=_owner(request))
    if request.method != "POST":
        return _sure(request, token, reverse("people:tokens"))
    operations.revoke(pk, actor=_owner(request), now=timezone.now())
    return done(request, f"Revoked {token}", to="people:tokens")


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_of_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then make a token of a program useless."""
    of = PersonalToken.objects.filter(owner__groups__name=Role.SERVICE)
    token = get_object_or_404(of, pk=pk)
    there = reverse("people:service", args=[token.owner_id])
    if request.method != "POST":
        return _sure(request, token, there)
    services.revoke(pk, actor=_owner(request), now=timezone.now())
    return done(request, f"Revoked {token}", to=there)


def _sure(request: HttpRequest, token: PersonalToken, there: str) -> HttpResponse:
    context = {"token": token, "back": there}
    return render(request, "people/token_revoke.html", context)


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
