"""Tokens of services: a program cannot sign in, so an admin issues and revokes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from console.audit.operations import operation
from console.people import kinds, tokens
from console.people.models import PersonalToken
from console.people.operations import locked
from console.people.tokens import Issued
from console.shell import policy
from console.shell.policy import Role

MAY = policy.permissions(frozenset({Role.SERVICE}))
"""What the scopes of a service may be."""


@operation()
def issue(
    person_id: int,
    name: str,
    *,
    scopes: Iterable[str],
    days: int,
    actor: User,
    now: datetime,
) -> Issued:
    """Issue a token for a service; its secret is never shown again.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        NoService: the account is a person's, who issues their own.
        ServiceClosed: the account is deactivated.
        TokenTooLong, ScopeNotHeld, TokenNameTaken: as of a person's own token.
    """
    owner, _ = locked(person_id, actor)
    kinds.check_service(policy.is_service(owner), owner.username)
    kinds.check_open(owner.is_active, owner.username)
    return tokens.give(
        owner, name, scopes=scopes, held=MAY, days=days, by=actor, now=now
    )


@operation()
def revoke(token_id: int, *, actor: User, now: datetime) -> PersonalToken:
    """Make a service's token useless from the next request on; twice is once.

    Raises:
        NoLongerAdmin: the actor lost the role meanwhile.
        NoService: the token is a person's, who revokes their own.
    """
    token = PersonalToken.objects.get(pk=token_id)
    owner, _ = locked(token.owner_id, actor)
    kinds.check_service(policy.is_service(owner), owner.username)
    token.refresh_from_db(from_queryset=PersonalToken.objects.select_for_update())
    return tokens.end(token, by=actor, now=now)
