"""`manage.py add_person mara --role admin`: lets somebody in, prints their link."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.errors import Refusal
from console.people import operations
from console.people.forms import NewPersonForm
from console.shell.policy import Role


class Command(BaseCommand):
    """Adds a person as the page does; the way to the first admin."""

    help = "Add a person and print the one-time link by which they choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """The person, as on the page."""
        parser.add_argument("username")
        parser.add_argument(
            "--role", action="append", required=True, choices=[str(r) for r in Role]
        )
        parser.add_argument("--name", default="", help="as the trail shall show it")
        parser.add_argument("--email", default="")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add and print.

        Raises:
            CommandError: what was entered does not fit, or the name is taken.
        """
        entered = {name: options[name] for name in ("username", "name", "email")}
        entered["name"] = entered["name"] or entered["username"]
        form = NewPersonForm(entered | {"roles": options["role"]})
        if not form.is_valid():
            raise CommandError(form.errors.as_text())
        try:
            made = operations.add(
                entered["username"], form.details(), actor=None, now=timezone.now()
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        if not made.link:
            name = entered["username"]
            self.stdout.write(f"{name} never signs in. Issue its tokens in Settings.")
            return
        self.stdout.write(made.link)
        self.stdout.write(f"Works once, until {made.ends_at:%F %H:%M} UTC.")
