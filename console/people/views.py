"""Pages of this room: the people, one person, and the link by which they come in."""

from __future__ import annotations

from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import trigger_client_event

from console.audit import queries as audit
from console.people import operations, queries
from console.people.forms import NewPersonForm, PersonForm
from console.people.operations import Invitation
from console.people.rules import RolesChanged
from console.shell.diff import Change, chosen, differ, seen
from console.shell.show import done, show

CHANGED = "people-changed"
LIST = "people:list"


@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """Show the people, as far as the reader looks for them."""
    text = request.GET.get("q", "").strip()
    listing = queries.people(text, page=request.GET.get("page"))
    return show(request, "people/people.html", {"listing": listing, "text": text})


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Let somebody in, and show their link once."""
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["username"]
        invitation = operations.add(
            name, form.details(), actor=request.user, now=timezone.now()
        )
        return _hand_over(request, invitation)
    return show(request, "people/person.html", {"form": form})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's name, e-mail and roles."""
    person = get_object_or_404(User, pk=pk)
    form = PersonForm(chosen(request.POST) or None, of=person)
    if form.is_valid():
        try:
            operations.edit(pk, form.details(), actor=request.user, now=timezone.now())
        except RolesChanged as refused:
            return _stale(request, person, form, refused)
        return done(request, f"Saved {person.username}", CHANGED, to=LIST)
    context = {"form": form, "person": person}
    context["seen"] = request.POST.get("seen") or seen(PersonForm(of=person))
    return show(request, "people/person.html", context)


def _stale(
    request: HttpRequest, person: User, mine: PersonForm, refused: RolesChanged
) -> HttpResponse:
    """What was shown, what there is now and what was entered, side by side."""
    newer = PersonForm(of=person)
    told = audit.last_changes("auth.user", str(person.pk), list(newer.fields), also={})
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of {person.username}",
        back=reverse(LIST),
        changes={name: Change(*who) for name, who in told.items()},
    )


@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then close somebody's account."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "GET":
        context = {"person": person, "act": "deactivate"}
        return show(request, "people/sure.html", context)
    operations.deactivate(pk, actor=request.user, now=timezone.now())
    text = f"Deactivated {person.username}, who is signed out everywhere"
    return done(request, text, CHANGED, to=LIST)


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open somebody's account again, and show their link once."""
    get_object_or_404(User, pk=pk)
    invitation = operations.activate(pk, actor=request.user, now=timezone.now())
    return _hand_over(request, invitation)


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then show somebody's new link once."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "GET":
        return show(request, "people/sure.html", {"person": person, "act": "invite"})
    invitation = operations.invite(pk, actor=request.user, now=timezone.now())
    return _hand_over(request, invitation)


def _hand_over(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The link on a page that nothing keeps."""
    context = {"invitation": invitation, "person": invitation.person}
    reply = show(request, "people/link.html", context)
    reply["Cache-Control"] = "no-store"
    return trigger_client_event(reply, CHANGED)


class SetPassword(PasswordResetConfirmView):
    """The page a one-time link opens: Django's, with the write in an operation.

    It moves the token out of the address before it shows anything.
    """

    template_name = "people/set_password.html"

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Set the password and lead to the login page."""
        operations.set_password(
            form.user.pk,
            token=self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN),
            password=form.cleaned_data["new_password1"],
            now=timezone.now(),
        )
        return done(self.request, "Password set. Sign in.", to="account_login")
