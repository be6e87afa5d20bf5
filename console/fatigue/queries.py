"""Reads of fatigue: the policies in force, and their versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import models

from console.errors import Refusal
from console.fatigue import rules
from console.fatigue.models import Audience, Policy, Scope
from console.fatigue.rules import Kind, Limits


class NoPolicy(Refusal):
    """The audience has no policy to judge by."""

    code = "no_policy"


def scope_of(audience: Audience) -> rules.Scope:
    """The scope an audience is."""
    return rules.Scope(Kind.AUDIENCE, audience.slug)


def in_force(scope: rules.Scope, at: datetime) -> Policy:
    """The version a scope itself was judged by at an instant; the newest of then.

    Raises:
        NoPolicy: none was in force yet.
    """
    policy = Policy.objects.of([scope]).in_force(at).first()
    if policy is None:
        raise NoPolicy("No fatigue policy was in force for this audience then.")
    return policy


def applicable(
    scopes: Iterable[rules.Scope], at: datetime
) -> Mapping[rules.Scope, Policy]:
    """The policy that holds for each scope at an instant: its own, or its kind's.

    A scope without either is left out. A SKU with a policy of its own is not judged by
    that of each SKU.
    """
    wanted = list(scopes)
    return _chosen(wanted, _held(Policy.objects.of(_and_general(wanted)), at))


def applicable_and_single(
    scopes: Iterable[rules.Scope], at: datetime
) -> tuple[Mapping[rules.Scope, Policy], dict[str, Policy]]:
    """The same, and by code the policies of SKUs that have one of their own."""
    wanted = list(scopes)
    of_skus = Policy.objects.filter(scope__kind=Kind.SKU).select_related("scope")
    held = _held(Policy.objects.of(_and_general(wanted)) | of_skus, at)
    single = {s.name: p for s, p in held.items() if s.kind is Kind.SKU and not s.each}
    return _chosen(wanted, held), single


def _and_general(scopes: Iterable[rules.Scope]) -> set[rules.Scope]:
    return {one for scope in scopes for one in (scope, scope.general)}


def _held(
    versions: models.QuerySet[Policy], at: datetime
) -> Mapping[rules.Scope, Policy]:
    """Of each scope the version in force at an instant."""
    known = versions.filter(since__lte=at)
    newest = known.order_by("scope", "-version").distinct("scope")
    return {policy.scope.value: policy for policy in newest}


def _chosen(
    wanted: Iterable[rules.Scope], held: Mapping[rules.Scope, Policy]
) -> Mapping[rules.Scope, Policy]:
    pairs = ((one, held.get(one) or held.get(one.general)) for one in wanted)
    return {scope: policy for scope, policy in pairs if policy}


def audiences() -> list[Audience]:
    """Every audience, the largest first."""
    return list(Audience.objects.order_by("-size", "name"))


def scopes() -> list[Scope]:
    """Everything that has a policy: audiences by size, then by kind and name."""
    sizes = dict(Audience.objects.values_list("slug", "size"))
    kinds = list(Kind)

    def place(scope: Scope) -> tuple[bool, int, int, bool, str]:
        value = scope.value
        people = value.kind is Kind.AUDIENCE
        size = sizes.get(scope.name, 0) if people else 0
        return not people, -size, kinds.index(value.kind), not value.each, scope.label

    return sorted(Scope.objects.all(), key=place)


@dataclass(frozen=True)
class Version:
    """One version of a policy, with what it changed."""

    policy: Policy
    changes: Sequence[tuple[str, Any, Any]]


def versions(scope: Scope) -> list[Version]:
    """Every version of a scope's policy, the newest first."""
    rows = scope.policies.newest().select_related("author")
    found = list(rows)
    changed = [_changes(old.limits(), new.limits()) for new, old in pairwise(found)]
    return [Version(*pair) for pair in zip(found, [*changed, []], strict=False)]


def _changes(old: Limits, new: Limits) -> list[tuple[str, Any, Any]]:
    before, after = _said(old), _said(new)
    return [
        (name.replace("_", " "), before[name], value)
        for name, value in after.items()
        if value != before[name]
    ]


def _said(limits: Limits) -> dict[str, Any]:
    """Every limit as people read it."""
    quiet = ", ".join(days.name for days in limits.quiet) or "none"
    words = {True: "yes", False: "no"}
    said = {
        name: words[value] if isinstance(value, bool) else value
        for name, value in limits.values().items()
    }
    return said | {"quiet": quiet}
