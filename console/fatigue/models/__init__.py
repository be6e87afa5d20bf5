"""Tables of fatigue."""

from __future__ import annotations

from console.fatigue.models.contacts import (
    Contact,
    ContactBook,
    ContactFile,
    ContactRow,
    Sending,
)
from console.fatigue.models.policy import Audience, Policy, PolicyQuerySet, Scope
from console.fatigue.models.saturation import Saturation

__all__ = [
    "Audience",
    "Contact",
    "ContactBook",
    "ContactFile",
    "ContactRow",
    "Policy",
    "PolicyQuerySet",
    "Saturation",
    "Scope",
    "Sending",
]
