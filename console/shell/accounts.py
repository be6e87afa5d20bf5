"""Accounts are made by an admin, never by signing up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import User
from django.http import HttpRequest

from console.shell import policy


class ClosedSignup(DefaultAccountAdapter):
    """Allauth's adapter with sign-up closed, and no way in for a program."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def authenticate(self, request: HttpRequest, **given: Any) -> User | None:
        """Who signs in by these credentials; a service never does."""
        user: User | None = super().authenticate(request, **given)
        return None if user is not None and policy.is_service(user) else user

    def set_password(self, user: User, password: str) -> None:
        """Save the password alone.

        The whole row, as allauth saves it, would undo a deactivation meanwhile.
        """
        user.set_password(password)
        user.save(update_fields=["password"])
