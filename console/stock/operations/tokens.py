"""Keys to the gate: issued once in the clear, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.stock.models import ApiToken
from console.stock.rules import BadRequest, TokenScope

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def issue_token(
    name: str,
    *,
    actor: User | None,
    now: datetime,
    client: str = "",
    scopes: Sequence[str] = tuple(TokenScope),
    expires_at: datetime | None = None,
) -> str:
    """Issue a key to the gate and return it: it is never shown again.

    A second key of the same name replaces the first. client: whose reservations the key
    may confirm and release; keys of one client share them. By default its own name.

    Raises:
        BadRequest: a scope that does not exist.
    """
    unknown = set(scopes) - set(TokenScope)
    if unknown:
        raise BadRequest(
            f"Unknown scopes: {', '.join(sorted(unknown))}.", field="scopes"
        )
    secret = f"db_{secrets.token_urlsafe(32)}"
    token, _ = ApiToken.objects.update_or_create(
        name=name,
        defaults={
            "client": client or name,
            "hash": hashlib.sha256(secret.encode()).digest(),
            "scopes": [str(scope) for scope in scopes],
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    after = {"name": name, "client": token.client, "scopes": token.scopes}
    record(actor, "stock.issue_token", token, now=now, after=after)
    return secret


@operation()
def revoke_token(token_id: int, *, actor: User | None, now: datetime) -> None:
    """Make a key useless; the gate forgets it within seconds."""
    token = ApiToken.objects.select_for_update().get(pk=token_id)
    before = {"name": token.name, "client": token.client}
    record(actor, "stock.revoke_token", token, now=now, before=before)
    token.delete()
