"""`manage.py stock_reclaim`: free units that are neither for sale nor sold."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console import words
from console.errors import Refusal
from console.shell import policy
from console.stock import clock, operations
from console.stock.rules.stuck import Stuck

NEED = "stock.control"


class Command(BaseCommand):
    """Without --apply it only looks."""

    help = "Look for units that are neither for sale nor sold, or free them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Of which sale, whether to do it, and who does."""
        parser.add_argument("--campaign", metavar="CODE", help="default: all")
        parser.add_argument("--apply", action="store_true", help="free what is found")
        parser.add_argument("--by", metavar="USERNAME", help="who acts; with --apply")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look or do, and say what is stuck.

        Raises:
            CommandError: it was refused; exit code 1.
        """
        apply = options["apply"]
        person = self._person(options["by"]) if apply else None
        try:
            found = operations.reclaim(
                options["campaign"], dry=not apply, actor=person, now=clock.now()
            )
        except Refusal as refused:
            raise CommandError(refused.message) from refused
        self._say(found, apply)

    def _person(self, username: str | None) -> User:
        if username is None:
            raise CommandError("Say who acts: --by USERNAME.")
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {username}.")
        if not policy.may(person, NEED):
            who = words.either(sorted(policy.MATRIX[NEED]))
            raise CommandError(f"{username} lacks the role: this needs {who}.")
        return person

    def _say(self, found: list[Stuck], apply: bool) -> None:
        for one in found:
            kept = f" ({one.why})" if one.why else ""
            units = words.count(one.units, "unit")
            told = f"{one.campaign} {one.sku}: {units}, {one.label.lower()}{kept}"
            self.stdout.write(told)
        units = words.count(sum(one.units for one in found if not one.why), "unit")
        if not found:
            self.stdout.write("No unit is stuck.")
        elif apply:
            self.stdout.write(f"Reclaimed {units}.")
        else:
            self.stdout.write("Nothing was changed. To do it: --apply --by USERNAME.")
