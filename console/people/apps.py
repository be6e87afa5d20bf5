"""The Django application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People."""

    name = "console.people"
