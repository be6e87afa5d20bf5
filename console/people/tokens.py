"""Personal tokens: issued once in the clear, kept as a hash, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from console.audit.operations import operation, record
from console.people import rules
from console.people.models import PersonalToken
from console.shell import policy

PREFIX = "dbp_"
TOUCH = timedelta(minutes=1)
"""How exactly the last use is told."""


@dataclass(frozen=True)
class Issued:
    """A new token and its secret, which nothing keeps."""

    token: PersonalToken
    secret: str = field(repr=False)


@operation()
def issue(
    name: str, *, scopes: Iterable[str], days: int, actor: User, now: datetime
) -> Issued:
    """Issue a token in the actor's name; its secret is never shown again.

    scopes: permissions it may use, as far as its owner has them at the time of use.

    Raises:
        TokenTooLong: less than a day, or more than a year.
        ScopeNotHeld: a permission that is not the actor's to give.
        TokenNameTaken: the actor has a token of that name.
    """
    held = policy.permissions(policy.roles(actor))
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    return give(actor, name, scopes=scopes, held=held, days=days, by=actor, now=now)


def give(
    owner: User,
    name: str,
    *,
    scopes: Iterable[str],
    held: Set[str],
    days: int,
    by: User,
    now: datetime,
) -> Issued:
    """Make a token of an owner whose row is locked, and say who issued it.

    held: what its scopes may be. Raises as `issue` does.
    """
    wanted = sorted(set(scopes))
    rules.check_days(days)
    rules.check_scopes(wanted, held)
    names = PersonalToken.objects.filter(owner=owner, revoked_at=None)
    rules.check_name(name.strip(), set(names.values_list("name", flat=True)))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = PersonalToken.objects.create(
        owner=owner,
        issued_by=by,
        name=name.strip(),
        start=secret[:9],
        hash=digest(secret),
        scopes=wanted,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    after = {"name": token.name, "scopes": wanted, "days": days}
    if owner != by:
        after["owner"] = owner.username
    record(by, "person.issue_token", token, now=now, after=after)
    return Issued(token, secret)


@operation()
def revoke(token_id: int, *, actor: User, now: datetime) -> PersonalToken:
    """Make one's own token useless from the next request on; twice is once.

    Raises:
        PersonalToken.DoesNotExist: it is not the actor's.
    """
    mine = PersonalToken.objects.select_for_update().filter(owner=actor)
    return end(mine.get(pk=token_id), by=actor, now=now)


def end(token: PersonalToken, *, by: User, now: datetime) -> PersonalToken:
    """Make a token whose row is locked useless; twice is once."""
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        before = {"name": token.name}
        record(by, "person.revoke_token", token, now=now, before=before)
    return token


def revoke_all(owner: User, *, now: datetime) -> None:
    """End every token of a person, together with their other ways in."""
    PersonalToken.objects.filter(owner=owner, revoked_at=None).update(revoked_at=now)


def digest(secret: str) -> bytes:
    """What is kept of a secret; it is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def found(secret: str, *, now: datetime) -> PersonalToken:
    """The token of a secret, with its owner, noted as used.

    Raises:
        TokenUnknown, TokenExpired: why it opens nothing.
    """
    known = PersonalToken.objects.select_related("owner")
    token = known.filter(hash=digest(secret)).first()
    if token is None or token.revoked_at is not None or not token.owner.is_active:
        raise rules.TokenUnknown(
            "The token is not known here, or was revoked. Issue a new one on the page "
            "Account, API tokens."
        )
    if token.expires_at <= now:
        raise rules.TokenExpired(
            f"The token {token.name} expired on {token.expires_at:%Y-%m-%d}. Issue a "
            "new one on the page Account, API tokens."
        )
    _touch(token, now)
    return token


def _touch(token: PersonalToken, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at < now - TOUCH:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
