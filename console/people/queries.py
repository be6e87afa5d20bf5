"""Reads of this room: the people, as the list shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from console.people.models import PersonalToken, Scope
from console.people.rules import Limit
from console.shell import policy

PER_PAGE = 50


@dataclass(frozen=True)
class PersonLine:
    """One person. signed_in_at: None if never; waiting: the link was not used yet.

    service: a program, which has tokens and no link.
    """

    pk: int
    username: str
    name: str
    email: str
    roles: tuple[str, ...]
    signed_in_at: datetime | None
    active: bool
    waiting: bool
    service: bool
    limit: str


@dataclass(frozen=True)
class Listing:
    """One page of people. page: for the pager; lines: what stands on it."""

    page: Page[User]
    lines: list[PersonLine]


def limit_of(person: User) -> Limit:
    """What a person is limited to at this instant; nothing, as a rule."""
    held = Scope.objects.filter(user=person).first()
    return held.limit if held else Limit()


def people(text: str, *, page: str | None) -> Listing:
    """The people whose name, user name or e-mail holds this text; active ones first."""
    found = User.objects.order_by("-is_active", "username").prefetch_related("groups")
    found = found.select_related("scope")
    for word in text.split():
        found = found.filter(_named(word))
    shown = Paginator(found, PER_PAGE).get_page(page)
    return Listing(shown, [_line(person) for person in shown])


def _named(word: str) -> Q:
    return (
        Q(username__icontains=word)
        | Q(first_name__icontains=word)
        | Q(last_name__icontains=word)
        | Q(email__icontains=word)
    )


def _line(person: User) -> PersonLine:
    service = policy.is_service(person)
    return PersonLine(
        pk=person.pk,
        username=person.username,
        name=person.get_full_name(),
        email=person.email,
        roles=tuple(role.value for role in policy.assigned(person)),
        signed_in_at=person.last_login,
        active=person.is_active,
        waiting=person.is_active and not service and not person.has_usable_password(),
        service=service,
        limit=str(person.scope.limit) if hasattr(person, "scope") else "",
    )


def tokens(owner: User) -> list[PersonalToken]:
    """A person's tokens that were not revoked, the newest first."""
    mine = PersonalToken.objects.filter(owner=owner, revoked_at=None)
    return list(mine.order_by("-created_at", "-pk"))


def behind(accounts: QuerySet[User]) -> set[int]:
    """These accounts, and whoever issued a token of one: what a program does is theirs.

    Tokens that ended count as well: what was done by them stays done.
    """
    pairs = accounts.values_list("pk", "tokens__issued_by")
    return {pk for pair in pairs for pk in pair if pk is not None}
