"""`manage.py reseal`: encrypt every stored secret under the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from console.providers import operations


class Command(BaseCommand):
    """Run it after putting a new key first in SECRET_KEYS_AT_REST."""

    help = "Encrypt every stored secret under the newest key of SECRET_KEYS_AT_REST."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal, and say how many."""
        count = operations.reseal()
        self.stdout.write(f"{count} connections and feeds sealed under the newest key.")
