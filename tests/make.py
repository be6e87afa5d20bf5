"""Builders: one function a noun, each with the least a test must say."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import Group, User

_numbers = count(1)


def user(*roles: str, name: str = "") -> User:
    """A person who holds these roles."""
    person = User.objects.create_user(name or f"person{next(_numbers)}")
    person.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return person
