"""`manage.py seed_demo`: the demo retailer, on the first start only."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.demo import retailer, seed
from console.stock.models import Sku


class Command(BaseCommand):
    """Fills an empty database; one that holds goods is left as it is."""

    help = "Fill an empty database with the demo retailer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much: the retailer alone, or with a quarter of sales."""
        parser.add_argument("--depth", choices=["retailer", "demo"], default="demo")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seed once.

        Raises:
            CommandError: this is not a demo.
        """
        if not settings.DEMO:
            raise CommandError("Set DEMO=1 to seed the demo retailer.")
        if Sku.objects.exists():
            self.stdout.write("The database is not empty; nothing to seed.")
            return
        now = timezone.now()
        with transaction.atomic():
            retailer.set_up(now=now)
            if options["depth"] == "demo":
                seed.quarter(now=timezone.now(), say=self._say)

    def _say(self, what: str) -> None:
        self.stdout.write(f"  {what}")
        self.stdout.flush()
