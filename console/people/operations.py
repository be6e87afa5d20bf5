"""Writes of this room: people, their roles, and their way in.

All but the last take the lock of the role admin first, then the person's row: who is
an admin is decided for one at a time. The rows are locked without their keys, since the
trail, whose lock comes after them, refers to people.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from console.audit.operations import operation, record
from console.errors import Refusal
from console.people import kinds, rules
from console.people.models import Scope
from console.people.queries import limit_of
from console.people.rules import Limit
from console.people.tokens import revoke_all
from console.shell import policy
from console.shell.policy import Role

Actor = User | AnonymousUser | None


class UserNameTaken(Refusal):
    """Another person signs in with this name."""

    code = "user_name_taken"
    status = 422


class AlreadySo(Refusal):
    """The account is already in the state that was asked for."""

    code = "already_so"


class LinkEnded(Refusal):
    """The link was used, replaced, or is too old."""

    code = "link_ended"
    status = 404


@dataclass(frozen=True)
class Details:
    """What an admin says of a person. shown: the roles on the form; None if new.

    limit: to which categories and markets; None leaves it as it is.
    """

    name: str
    email: str
    roles: frozenset[Role]
    shown: frozenset[Role] | None = None
    limit: Limit | None = None


@dataclass(frozen=True)
class Invitation:
    """The one-time link with which a person chooses a password; shown once.

    link: empty for a service, which is given tokens instead.
    """

    person: User
    link: str = field(repr=False)
    ends_at: datetime


@operation()
def add(username: str, details: Details, *, actor: Actor, now: datetime) -> Invitation:
    """Let somebody in, who chooses a password by the link.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        ServiceAlone: a service with a role of a person's.
        UserNameTaken: in whatever case it is spelled.
    """
    rules.check_asks(_pk(actor), _admins())
    kinds.check_kind(details.roles, None)
    if User.objects.filter(username__iexact=username).exists():
        raise UserNameTaken(
            f"Somebody already signs in as {username}. Choose another user name.",
            field="username",
        )
    person = User(username=username, date_joined=now)
    person.set_unusable_password()
    _fill(person, details)
    record(actor, "person.add", person, now=now, after=_told(person))
    return _invitation(person, now)


@operation()
def edit(person_id: int, details: Details, *, actor: Actor, now: datetime) -> User:
    """Change a person's name, e-mail and roles; the user name stays.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        RolesChanged: the roles are not those that were shown.
        ServiceAlone: a person would become a service, or a service a person.
        OwnAccount: the actor would give up being an admin.
        LastAdmin: nobody else is an admin.
    """
    person, admins = locked(person_id, actor)
    held = frozenset(policy.assigned(person))
    rules.check_shown(details.shown, held)
    kinds.check_kind(details.roles, held)
    before = _told(person)
    if Role.ADMIN not in details.roles:
        _check_leaves(person, actor, admins)
    _fill(person, details)
    after = _told(person)
    record(actor, "person.edit", person, now=now, before=before, after=after)
    return person


@operation()
def deactivate(person_id: int, *, actor: Actor, now: datetime) -> User:
    """Close a person's account: sessions, password, link and tokens end at once.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        OwnAccount: the account is the actor's own.
        LastAdmin: nobody else is an admin.
        AlreadySo: the account is deactivated.
    """
    person, admins = locked(person_id, actor)
    _check_state(person, active=True)
    rules.check_other(person.pk, _pk(actor))
    _check_leaves(person, actor, admins)
    person.is_active = False
    return _shut(person, "person.deactivate", actor, now)


@operation()
def activate(person_id: int, *, actor: Actor, now: datetime) -> Invitation:
    """Open an account again, with the roles it had and, for a person, a new link.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        AlreadySo: the account is active.
    """
    person, _ = locked(person_id, actor)
    _check_state(person, active=False)
    person.is_active = True
    return _invitation(_shut(person, "person.activate", actor, now), now)


@operation()
def invite(person_id: int, *, actor: Actor, now: datetime) -> Invitation:
    """Issue a new link: sessions, password, tokens and older links end at once.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        NeverSignsIn: the account is a service's.
        OwnAccount: the account is the actor's own.
        AlreadySo: the account is deactivated.
    """
    person, _ = locked(person_id, actor)
    kinds.check_signs_in(policy.is_service(person), person.username)
    _check_state(person, active=True)
    rules.check_other(person.pk, _pk(actor))
    return _invitation(_shut(person, "person.invite", actor, now), now)


@operation()
def set_password(person_id: int, *, token: str, password: str, now: datetime) -> User:
    """Set the password a person chose by their link, which ends with it.

    Raises:
        LinkEnded: the link was used, replaced, or is too old.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person_id)
    if not person.is_active or not default_token_generator.check_token(person, token):
        raise LinkEnded("This link has ended. Ask an admin for a new one.")
    person.set_password(password)
    person.save(update_fields=["password"])
    record(person, "person.set_password", person, now=now)
    return person


def locked(person_id: int, actor: Actor) -> tuple[User, Set[int]]:
    """The person's row and every active admin, both held.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
    """
    admins = _admins()
    rules.check_asks(_pk(actor), admins)
    return User.objects.select_for_update(no_key=True).get(pk=person_id), admins


def _admins() -> Set[int]:
    role = Group.objects.select_for_update(no_key=True).get(pk=_group(Role.ADMIN).pk)
    held = User.objects.filter(Q(groups=role) | Q(is_superuser=True), is_active=True)
    return set(held.values_list("pk", flat=True))


def _check_leaves(person: User, actor: Actor, admins: Set[int]) -> None:
    if person.pk in admins:
        rules.check_other(person.pk, _pk(actor))
        rules.check_not_last(person.pk, person.username, admins)


def _check_state(person: User, *, active: bool) -> None:
    if person.is_active != active:
        word = "active" if person.is_active else "deactivated"
        raise AlreadySo(f"{person.username} is {word}. Reload the page.")


def _fill(person: User, details: Details) -> None:
    person.first_name, _, person.last_name = details.name.partition(" ")
    person.email = details.email
    person.is_superuser = person.is_superuser and Role.ADMIN in details.roles
    person.save()
    person.groups.set(_group(role) for role in details.roles)
    if details.limit is not None:
        _limit(person, details.limit)


def _limit(person: User, limit: Limit) -> None:
    values = {"categories": sorted(limit.categories), "markets": sorted(limit.markets)}
    if limit == Limit():
        Scope.objects.filter(user=person).delete()
    else:
        Scope.objects.update_or_create(user=person, defaults=values)


def _group(role: Role) -> Group:
    """The group of a role, made where it is missing: a role is never dropped."""
    return Group.objects.get_or_create(name=role.value)[0]


def _shut(person: User, verb: str, actor: Actor, now: datetime) -> User:
    """Save; whoever is signed in as the person no longer is, and no link works."""
    before = {"active": verb != "person.activate"}
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    revoke_all(person, now=now)
    after = {"active": person.is_active}
    record(actor, verb, person, now=now, before=before, after=after)
    return person


def _invitation(person: User, now: datetime) -> Invitation:
    if policy.is_service(person):
        return Invitation(person, "", now)
    key = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    path = reverse("people:set_password", args=[key, token])
    ends_at = now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return Invitation(person, settings.PUBLIC_URL + path, ends_at)


def _told(person: User) -> dict[str, Any]:
    return {
        "name": person.get_full_name(),
        "email": person.email,
        "roles": [role.value for role in policy.assigned(person)],
        "limited_to": str(limit_of(person)),
    }


def _pk(actor: Actor) -> int | None:
    return actor.pk if actor is not None else None
