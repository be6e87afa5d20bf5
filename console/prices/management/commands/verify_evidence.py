"""`manage.py verify_evidence FILE`: does the evidence of a sale hold?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.prices.verify_evidence import verify


class Command(BaseCommand):
    """Reads the file and nothing else; exits with 1 if a part is void."""

    help = "Check a file of price evidence offline."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check it."""
        lines, holds = verify(options["file"])
        if not holds:
            raise CommandError("\n".join(lines))
        self.stdout.write("\n".join(lines))
