"""Accounts are made by an admin, never by signing up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import User
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Allauth's adapter with sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Save the password alone.

        The whole row, as allauth saves it, would undo a deactivation meanwhile.
        """
        user.set_password(password)
        user.save(update_fields=["password"])
