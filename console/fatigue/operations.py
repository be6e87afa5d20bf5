"""Every write of fatigue: audiences, and new versions of their policies."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.text import slugify

from console.audit.operations import operation, record
from console.errors import Refusal
from console.fatigue.models import Audience, Policy
from console.fatigue.queries import NoPolicy
from console.fatigue.rules import BadPolicy, Limits, check_limits


class StalePolicy(Refusal):
    """Somebody else saved a newer version first."""

    code = "stale_policy"


@operation()
def add_audience(
    name: str,
    *,
    size: int = 0,
    limits: Limits | None = None,
    actor: User | None,
    now: datetime,
) -> Audience:
    """Add an audience, and version 1 of its policy.

    Raises:
        BadPolicy: the name is taken or has no letters, or the limits cannot be kept.
    """
    slug = slugify(name)
    if not slug or Audience.objects.filter(slug=slug).exists():
        raise BadPolicy("Choose a name that no audience has yet.", field="name")
    limits = limits or Limits(zone=settings.SHOP_ZONE)
    check_limits(limits)
    audience = Audience.objects.create(name=name, slug=slug, size=size)
    _write(audience, 1, limits, actor=actor, reason="First version", since=now)
    after = limits.values() | {"size": size}
    record(actor, "fatigue.add_audience", audience, now=now, after=after)
    return audience


@operation()
def lock_policy(audience_id: int) -> Policy:
    """The policy in force now, locked until the transaction ends.

    Rival approvals for one audience queue here, and so does a new version: whoever
    holds this lock sees every sale that was approved before.

    Raises:
        NoPolicy: the audience has no policy.
    """
    audience = Audience.objects.select_for_update(no_key=True).get(pk=audience_id)
    policy = audience.policies.newest().select_related("audience").first()
    if policy is None:
        raise NoPolicy(f"{audience} has no fatigue policy yet. Save one first.")
    return policy


@operation()
def save(
    audience_id: int,
    limits: Limits,
    *,
    version: int,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Policy:
    """Follow version `version` by the next one, in force from now on.

    Campaigns already approved keep the version they were approved under.

    Raises:
        StalePolicy: a newer version than the one on the screen is in force.
        BadPolicy: a limit that cannot be kept, or nothing changed.
    """
    check_limits(limits)
    held = lock_policy(audience_id)
    if held.version != version:
        raise StalePolicy(
            f"Version {held.version} was saved meanwhile. Open it and enter your "
            "changes again."
        )
    if held.limits() == limits:
        raise BadPolicy("Nothing changed.")
    policy = _write(
        held.audience,
        version + 1,
        limits,
        actor=actor,
        reason=reason,
        since=max(now, held.since),
    )
    before, after = held.limits().values(), limits.values()
    record(
        actor,
        "fatigue.save",
        policy,
        now=now,
        before={k: v for k, v in before.items() if v != after[k]},
        after={k: v for k, v in after.items() if v != before[k]},
        reason=reason,
    )
    return policy


def _write(
    audience: Audience,
    version: int,
    limits: Limits,
    *,
    actor: User | None,
    reason: str,
    since: datetime,
) -> Policy:
    values = {name: getattr(limits, name) for name in limits.values()}
    return Policy.objects.create(
        audience=audience,
        version=version,
        since=since,
        author=actor,
        reason=reason,
        **values,
    )
