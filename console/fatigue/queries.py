"""Reads of fatigue: the policy in force, and its versions."""

from __future__ import annotations

from datetime import datetime

from console.errors import Refusal
from console.fatigue.models import Audience, Policy


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
