"""Reads of people: the list, and the link by which somebody sets a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from console.shell.policy import Role

PER_PAGE = 50


@dataclass(frozen=True)
class Person:
    """One account as the list shows it.

    invited: no password was set yet. seen_at: the last sign-in; None if there was none.
    """

    pk: int
    username: str
    name: str
    roles: tuple[str, ...]
    active: bool
    invited: bool
    seen_at: datetime | None


def people(text: str = "", *, page: str = "1") -> Page[Person]:
    """Accounts by name, those who may sign in first."""
    found = User.objects.prefetch_related("groups")
    if text:
        named = Q(username__icontains=text) | Q(first_name__icontains=text)
        found = found.filter(named | Q(last_name__icontains=text))
    shown: Page[User] = Paginator(_sorted(found), PER_PAGE).get_page(page)
    lines = [_person(user) for user in shown.object_list]
    return Page(lines, shown.number, shown.paginator)  # type: ignore[arg-type]


def _sorted(found: QuerySet[User]) -> QuerySet[User]:
    return found.order_by("-is_active", "first_name", "last_name", "username")


def _person(user: User) -> Person:
    held = {group.name for group in user.groups.all()}
    held |= {Role.ADMIN.value} if user.is_superuser else set()
    return Person(
        pk=user.pk,
        username=user.username,
        name=user.get_full_name(),
        roles=tuple(role.value for role in Role if role.value in held),
        active=user.is_active,
        invited=not user.has_usable_password(),
        seen_at=user.last_login,
    )


def link(person: User) -> str:
    """The address at which a person sets a password, once, within a day.

    It is worthless after a sign-in, another password or another link.
    """
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return settings.PUBLIC_URL + reverse("people:welcome", args=[uid, token])
