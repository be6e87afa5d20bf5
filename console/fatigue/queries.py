"""Reads of fatigue: the policy in force, and its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from console.errors import Refusal
from console.fatigue.models import Audience, Policy
from console.fatigue.rules import Limits


class NoPolicy(Refusal):
    """The audience has no policy to judge by."""

    code = "no_policy"


def in_force(audience: Audience | int, at: datetime) -> Policy:
    """The version an audience was judged by at an instant; the newest of then.

    Raises:
        NoPolicy: none was in force yet.
    """
    pk = audience.pk if isinstance(audience, Audience) else audience
    versions = Policy.objects.filter(audience_id=pk).select_related("audience")
    policy = versions.in_force(at).first()
    if policy is None:
        raise NoPolicy("No fatigue policy was in force for this audience then.")
    return policy


def audiences() -> list[Audience]:
    """Every audience, the largest first."""
    return list(Audience.objects.order_by("-size", "name"))


@dataclass(frozen=True)
class Version:
    """One version of a policy, with what it changed."""

    policy: Policy
    changes: Sequence[tuple[str, Any, Any]]


def versions(audience: Audience) -> list[Version]:
    """Every version of an audience's policy, the newest first."""
    rows = audience.policies.newest().select_related("author")
    found = list(rows)
    changed = [_changes(old.limits(), new.limits()) for new, old in pairwise(found)]
    return [Version(*pair) for pair in zip(found, [*changed, []], strict=False)]


def _changes(old: Limits, new: Limits) -> list[tuple[str, Any, Any]]:
    before, after = old.values(), new.values()
    return [
        (name.replace("_", " "), before[name], value)
        for name, value in after.items()
        if value != before[name]
    ]
