"""Pages of people: the list, one account, and the link that sets a password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from console.people import operations, queries
from console.people.forms import PersonForm
from console.shell.show import done, show

CHANGED = "people-changed"
LIST = "people:list"


@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Show everybody who has an account."""
    text = request.GET.get("q", "")[:60].replace("\0", "")
    found = queries.people(text, page=request.GET.get("page", "1"))
    return show(request, "people/people.html", {"page": found, "text": text})


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make an account, and show the link to hand over, once."""
    form = PersonForm(request.POST or None)
    if not form.is_valid():
        return show(request, "people/person.html", {"form": form})
    name = form.cleaned_data["username"]
    now = timezone.now()
    return _handed_over(
        request, operations.add(name, form.terms(), actor=request.user, now=now)
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's name and roles."""
    person = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST or None, of=person)
    if form.is_valid():
        operations.edit(pk, form.terms(), actor=request.user, now=timezone.now())
        return done(request, f"Saved {person.username}", CHANGED, to=LIST)
    return show(request, "people/person.html", {"form": form, "person": person})


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a new link does; then make one and show it, once."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    if request.method == "GET":
        return show(request, "people/invite.html", {"person": person})
    now = timezone.now()
    return _handed_over(request, operations.invite(pk, actor=request.user, now=now))


def _handed_over(request: HttpRequest, person: User) -> HttpResponse:
    context = {"person": person, "link": queries.link(person)}
    reply = show(request, "people/link.html", context)
    return trigger_client_event(reply, CHANGED)


@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in no more."""
    person = get_object_or_404(User, pk=pk)
    operations.deactivate(pk, actor=request.user, now=timezone.now())
    undo = reverse("people:activate", args=[pk])
    text = f"{person.username} cannot sign in any more"
    return done(request, text, CHANGED, to=LIST, undo=undo)


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    person = get_object_or_404(User, pk=pk)
    operations.activate(pk, actor=request.user, now=timezone.now())
    return done(request, f"{person.username} can sign in again", CHANGED, to=LIST)


class Welcome(PasswordResetConfirmView):
    """Set a password by a link, and be signed in with it.

    Django's view: it moves the token out of the address before the form is shown.
    """

    template_name = "people/welcome.html"
    post_reset_login = True
    success_url = "/"

    def get_user(self, uidb64: str) -> User | None:
        """Whom the link is for; nobody if the account was deactivated."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        """Keep the password, and say so in the trail."""
        reply = super().form_valid(form)
        operations.welcome(form.user, now=timezone.now())
        return reply
