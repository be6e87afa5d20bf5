"""Every write of fatigue: audiences, and new versions of policies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.text import slugify

from console.audit.operations import operation, record
from console.errors import Refusal
from console.fatigue import rules
from console.fatigue.models import Audience, Policy, Scope
from console.fatigue.queries import NoPolicy
from console.fatigue.rules import BadPolicy, Kind, Limits, check_limits
from console.people import queries as people
from console.people.rules import ALL, EVERY_MARKET
from console.people.rules import check_scope as check_limit


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
    audience = Audience.objects.create(name=name, slug=slug, size=size)
    scope = rules.Scope(Kind.AUDIENCE, slug)
    add_policy(scope, limits, label=name, reason="First version", actor=actor, now=now)
    after = limits.values() | {"size": size}
    record(actor, "fatigue.add_audience", audience, now=now, after=after)
    return audience


@operation()
def add_policy(
    scope: rules.Scope,
    limits: Limits,
    *,
    label: str = "",
    reason: str,
    actor: User | None,
    now: datetime,
) -> Policy:
    """Protect a scope that has no policy yet by version 1 of one.

    label: as people call it; by default its name.

    Raises:
        UnknownScope: a name too many or too few.
        OutOfScope: the actor is limited to other categories or markets.
        BadPolicy: it has a policy already, or the limits cannot be kept.
    """
    rules.check_scope(scope)
    check_limits(limits)
    label = label or _label(scope)
    row, new = Scope.objects.get_or_create(
        kind=scope.kind, name=scope.name, defaults={"label": label}
    )
    if not new:
        raise BadPolicy(f"{row.label} has a policy already. Change it.", field="name")
    policy = _write(row, 1, limits, actor=actor, reason=reason, since=now)
    after = limits.values() | {"scope": str(scope)}
    record(actor, "fatigue.add_policy", policy, now=now, after=after, reason=reason)
    return policy


def _label(scope: rules.Scope) -> str:
    """`Boots`, `Each category`, `Everything`."""
    if not scope.name:
        return scope.kind.label
    if scope.each:
        word = "SKU" if scope.kind is Kind.SKU else scope.kind.value
        return f"Each {word}"
    return scope.name


@operation()
def start(*, zone: str, actor: User | None, now: datetime) -> None:
    """Begin with our defaults: for everybody, for everything and for each SKU.

    What has a policy already keeps it.
    """
    defaults = {
        rules.EVERYTHING: rules.of_everything(zone),
        rules.EACH_SKU: rules.of_each_sku(zone),
    }
    if not Audience.objects.exists():
        add_audience("Everyone", limits=Limits(zone=zone), actor=actor, now=now)
    for scope, limits in defaults.items():
        if not Scope.objects.filter(kind=scope.kind, name=scope.name).exists():
            add_policy(scope, limits, reason="Our defaults", actor=actor, now=now)


@operation()
def lock(scopes: Iterable[rules.Scope]) -> None:
    """Lock what tires together until the transaction ends.

    Rival approvals that share a scope queue here, and so does a new version of its
    policy: whoever holds these locks sees every sale that was approved before. Scopes
    are locked in one order, so that two approvals never wait for each other.
    """
    wanted = {scope for one in scopes for scope in (one, one.general)}
    rows = Scope.objects.filter(pk__in=_rows(wanted)).order_by("pk")
    list(rows.select_for_update(no_key=True))


def _rows(scopes: set[rules.Scope]) -> list[int]:
    names = Scope.objects.filter(
        kind__in={scope.kind for scope in scopes},
        name__in={scope.name for scope in scopes},
    )
    return [row.pk for row in names if row.value in scopes]


@operation()
def lock_policy(scope_id: int) -> Policy:
    """The newest version of a scope's policy, locked until the transaction ends.

    Raises:
        NoPolicy: the scope has no policy.
    """
    scope = Scope.objects.select_for_update(no_key=True).get(pk=scope_id)
    policy = scope.policies.newest().select_related("scope").first()
    if policy is None:
        raise NoPolicy(f"{scope} has no fatigue policy yet. Save one first.")
    return policy


@operation()
def save(
    scope_id: int,
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
        OutOfScope: the actor is limited to other categories or markets.
        BadPolicy: a limit that cannot be kept, or nothing changed.
    """
    check_limits(limits)
    held = lock_policy(scope_id)
    if held.version != version:
        raise StalePolicy(
            f"Version {held.version} was saved meanwhile. Open it and enter your "
            "changes again."
        )
    if held.limits() == limits:
        raise BadPolicy("Nothing changed.")
    policy = _write(
        held.scope,
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


def _check_limit(scope: rules.Scope, actor: User) -> None:
    """A policy on anything but one category or market concerns all of them."""
    own = not scope.each
    category = scope.name if own and scope.kind is Kind.CATEGORY else ALL
    market = scope.name if own and scope.kind is Kind.MARKET else EVERY_MARKET
    check_limit(people.limit_of(actor), {category}, {market})


def _write(
    scope: Scope,
    version: int,
    limits: Limits,
    *,
    actor: User | None,
    reason: str,
    since: datetime,
) -> Policy:
    if actor:
        _check_limit(scope.value, actor)
    values = {name: getattr(limits, name) for name in limits.values()}
    values["quiet"] = [days.told() for days in limits.quiet]
    return Policy.objects.create(
        scope=scope,
        version=version,
        since=since,
        author=actor,
        reason=reason,
        **values,
    )
