"""The page of one's own API tokens: issue one, see the secret once, revoke."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.people import queries
from console.people import tokens as operations
from console.people.models import PersonalToken
from console.people.token_forms import TokenForm
from console.shell.show import done


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens; issue one and show its secret this once."""
    owner = _owner(request)
    form = TokenForm(request.POST or None, owner=owner)
    context = {"form": form, "now": timezone.now()}
    if form.is_valid():
        data = form.cleaned_data
        context["issued"] = operations.issue(
            data["name"],
            scopes=data["scopes"],
            days=data["days"],
            actor=owner,
            now=timezone.now(),
        )
        context["form"] = TokenForm(owner=owner)
    context["tokens"] = queries.tokens(owner)
    status = 422 if form.errors else 200
    reply = render(request, "people/tokens.html", context, status=status)
    reply["Cache-Control"] = "no-store"
    return reply


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then make one's own token useless."""
    token = get_object_or_404(PersonalToken, pk=pk, owner=_owner(request))
    if request.method != "POST":
        return render(request, "people/token_revoke.html", {"token": token})
    operations.revoke(pk, actor=_owner(request), now=timezone.now())
    return done(request, f"Revoked {token}", to="people:tokens")


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
