"""`manage.py plan sale.json --as aino`: a bundle made a draft, or what it would do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.db import transaction

from console.campaigns import bundles
from console.campaigns.management.verbs import Verb, content, facts, listed


class Command(Verb):
    """Creates a draft from a bundle, or makes a draft equal to it."""

    help = "Create or change a draft from a bundle."
    need = "campaigns.edit"

    def add_arguments(self, parser: CommandParser) -> None:
        """The bundle, and how to take it."""
        super().add_arguments(parser)
        parser.add_argument("file")
        parser.add_argument("--code", default="", help="another code than the file's")
        flags = {
            "--unsigned": "take it although its signature does not hold",
            "--dry-run": "try everything and keep nothing",
        }
        for flag, about in flags.items():
            parser.add_argument(flag, action="store_true", help=about)

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Bring it in; a dry run takes it all back."""
        assert actor
        found = bundles.opened(content(options["file"]), unsigned=options["unsigned"])
        changes = bundles.difference(found.bundle, code=options["code"])
        with transaction.atomic():
            told = bundles.bring_in(found, actor=actor, now=now, code=options["code"])
            after = facts(told.campaign.code)
            transaction.set_rollback(options["dry_run"])
        return after | {
            "created": told.created,
            "signed": found.signed,
            "warning": found.warning,
            "dry_run": options["dry_run"],
            "changes": [vars(one) for one in changes],
        }

    def say(self, told: dict[str, Any]) -> str:
        """Each change, and what became of it."""
        word = "created" if told["created"] else "changed"
        if told["dry_run"]:
            word = f"would be {word}"
        lines = [listed(told["changes"]), f"{told['code']} {word}.", told["warning"]]
        return "\n".join(line for line in lines if line)
