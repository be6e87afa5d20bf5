"""Every write of people, one transaction each; accounts are never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, Group, User

from console.audit.operations import operation, record
from console.people import rules
from console.shell.policy import Role

Actor = User | AnonymousUser | None


@dataclass(frozen=True)
class Terms:
    """What an admin says of a person."""

    first_name: str
    last_name: str
    roles: Collection[str]


@operation()
def add(username: str, terms: Terms, *, actor: Actor, now: datetime) -> User:
    """Make an account nobody can sign in to until its owner follows a link.

    Raises:
        NameTaken: another account has the name, in whatever capitals.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise rules.NameTaken(
            f"There is already an account called {username}. Choose another name.",
            field="username",
        )
    person = User.objects.create_user(
        username, first_name=terms.first_name, last_name=terms.last_name
    )
    person.groups.set(_groups(terms))
    record(actor, "people.add", person, now=now, after=_told(person))
    return person


@operation()
def edit(person_id: int, terms: Terms, *, actor: Actor, now: datetime) -> User:
    """Change a person's name and roles; they hold from their next request on.

    Raises:
        NotYourself: an admin would take their own admin role.
        LastAdmin: nobody else could let others in.
    """
    person = _locked(person_id)
    before = _told(person)
    if rules.ADMIN in _roles(person) and rules.ADMIN not in terms.roles:
        rules.check_not_own(_pk(actor), person.pk, what="take your own admin role")
        rules.check_admin_left(person.pk, _admins())
    person.first_name, person.last_name = terms.first_name, terms.last_name
    person.save(update_fields=["first_name", "last_name"])
    person.groups.set(_groups(terms))
    after = _told(person)
    record(actor, "people.edit", person, now=now, before=before, after=after)
    return person


@operation()
def deactivate(person_id: int, *, actor: Actor, now: datetime) -> User:
    """Let somebody in no more; their sessions end with their next request.

    Raises:
        NotYourself: it is the actor.
        LastAdmin: nobody else could let others in.
    """
    person = _locked(person_id)
    rules.check_not_own(_pk(actor), person.pk, what="deactivate yourself")
    rules.check_admin_left(person.pk, _admins())
    return _set_active(person, False, actor, now)


@operation()
def activate(person_id: int, *, actor: Actor, now: datetime) -> User:
    """Let somebody in again, with the password they had."""
    return _set_active(_locked(person_id), True, actor, now)


@operation()
def invite(person_id: int, *, actor: Actor, now: datetime) -> User:
    """Make the password and every earlier link worthless, so that a new one is set.

    Ends the person's sessions as well.
    """
    person = _locked(person_id)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    record(actor, "people.invite", person, now=now)
    return person


@operation()
def welcome(person: User, *, now: datetime) -> None:
    """Note that somebody set their password by a link."""
    record(person, "people.welcome", person, now=now)


def _locked(person_id: int) -> User:
    """One person; one change at a time, so that admins are counted right.

    No key lock: entries of the trail refer to the accounts of those who act.
    """
    _group(rules.ADMIN)
    Group.objects.select_for_update(no_key=True).get(name=rules.ADMIN)
    return User.objects.select_for_update(no_key=True).get(pk=person_id)


def _groups(terms: Terms) -> list[Group]:
    return [_group(Role(name)) for name in terms.roles]


def _group(name: str) -> Group:
    """The group of a role, made where it is missing: a role is never dropped."""
    return Group.objects.get_or_create(name=name)[0]


def _admins() -> set[int]:
    """Everybody who may let others in now."""
    active = User.objects.filter(is_active=True)
    held = active.filter(groups__name=rules.ADMIN) | active.filter(is_superuser=True)
    return set(held.values_list("pk", flat=True))


def _set_active(person: User, active: bool, actor: Actor, now: datetime) -> User:
    before = {"active": person.is_active}
    person.is_active = active
    person.save(update_fields=["is_active"])
    verb = "people.activate" if active else "people.deactivate"
    after = {"active": active}
    record(actor, verb, person, now=now, before=before, after=after)
    return person


def _told(person: User) -> dict[str, object]:
    return {"name": person.get_full_name(), "roles": _roles(person)}


def _roles(person: User) -> list[str]:
    held = set(person.groups.values_list("name", flat=True))
    return [role.value for role in Role if role.value in held]


def _pk(actor: Actor) -> int | None:
    return actor.pk if actor is not None else None
