"""`manage.py diff FS-0001 sale.json`: what differs between two plans."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from console.campaigns import bundles
from console.campaigns.management.verbs import Verb, content, listed
from console.campaigns.queries import head
from console.campaigns.rules.bundles import Bundle, changes


class Command(Verb):
    """Compares campaigns and bundles; one file alone is compared with what is there."""

    help = "Compare two plans, each a campaign's code or a bundle."

    def add_arguments(self, parser: CommandParser) -> None:
        """One or two plans."""
        super().add_arguments(parser)
        parser.add_argument("before", help="a code or a file")
        parser.add_argument("after", nargs="?", default="", help="a code or a file")

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """The differences."""
        one, two = options["before"], options["after"]
        if two:
            found = changes(_plan(one), _plan(two))
        else:
            found = bundles.difference(_plan(one))
        return {"changes": [vars(change) for change in found]}

    def say(self, told: dict[str, Any]) -> str:
        """One difference a line."""
        return listed(told["changes"]) or "Nothing differs."


def _plan(name: str) -> Bundle:
    """A file where there is one of that name, else a campaign."""
    if Path(name).exists() or Path(name).suffix:
        return bundles.opened(content(name), unsigned=True).bundle
    return bundles.of(head(name).campaign)
