"""`manage.py add_person NAME`: an account from the command line, such as the first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from console.errors import Refusal
from console.people import operations, queries
from console.people.operations import Terms
from console.shell.policy import Role


class Command(BaseCommand):
    """Makes the account and prints the link at which its owner sets a password."""

    help = "Make an account, and print the link that sets its password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and what they may do."""
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="first and last name")
        parser.add_argument(
            "--role",
            action="append",
            choices=[role.value for role in Role],
            required=True,
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make and print.

        Raises:
            CommandError: the name is taken.
        """
        first, _, last = options["name"].partition(" ")
        terms = Terms(first or options["username"], last, options["role"])
        try:
            person = operations.add(
                options["username"], terms, actor=None, now=timezone.now()
            )
        except Refusal as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"Hand this to {person.username}; it works once, for a day:")
        self.stdout.write(queries.link(person))
