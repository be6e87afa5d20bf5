"""`manage.py bundle FS-0001 > sale.json`: a campaign as one signed file.

It is not called export: django-import-export has a command of that name.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from console.campaigns import bundles
from console.campaigns.management.verbs import Verb


class Command(Verb):
    """Writes the bundle of a campaign."""

    help = "Export a campaign as one signed file."

    def add_arguments(self, parser: CommandParser) -> None:
        """The campaign, and where to write it."""
        super().add_arguments(parser)
        parser.add_argument("code")
        parser.add_argument(
            "--output", default="", help="a file; by default the screen"
        )

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Export it."""
        text = bundles.exported(options["code"])
        if options["output"]:
            Path(options["output"]).write_bytes(text.encode())
        return {"code": options["code"], "file": options["output"], "bundle": text}

    def say(self, told: dict[str, Any]) -> str:
        """The file itself, or where it is."""
        return f"Wrote {told['file']}." if told["file"] else str(told["bundle"])[:-1]
