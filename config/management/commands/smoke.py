"""`manage.py smoke`: one short sale through the whole stack, told in one line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.smoke.play import failures, play
from config.smoke.stage import Stage, StageFailed
from config.smoke.yardstick import slowness


class Command(BaseCommand):
    """Exits 0 only if everything holds; else says what does not, and shows the logs."""

    help = "Play one short sale through the whole stack and print what came of it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much to say when it fails."""
        parser.add_argument("--logs", action="store_true", help="print the logs")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play and judge.

        Raises:
            SystemExit: 1 if something does not hold.
        """
        slow = slowness()
        try:
            with Stage() as stage:
                told = self._play(stage, slow)
                wrong = failures(told)
                if options["logs"] or wrong:
                    self.stderr.write(stage.last_words())
        except StageFailed as error:
            self.stderr.write(str(error))
            raise SystemExit(1) from error
        self.stdout.write(json.dumps(told))
        if wrong:
            self.stderr.write("Does not hold: " + "; ".join(wrong))
            raise SystemExit(1)

    def _play(self, stage: Stage, slow: float) -> dict[str, Any]:
        try:
            return play(stage, slow)
        except Exception:
            self.stderr.write(stage.last_words())
            raise
