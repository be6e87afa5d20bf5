"""`manage.py gate_token`: issue, list and revoke keys to the gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.errors import Refusal
from console.stock import operations
from console.stock.models import ApiToken
from console.stock.rules import TokenScope


class Command(BaseCommand):
    """Keys are shown once, when they are issued; only their hash is kept."""

    help = "Issue, list or revoke keys to the gate."

    def add_arguments(self, parser: CommandParser) -> None:
        """One of three things to do."""
        parser.add_argument("act", choices=["issue", "list", "revoke"])
        parser.add_argument("name", nargs="?", default="", help="name of the key")
        parser.add_argument("--client", default="", help="whose reservations it sees")
        parser.add_argument(
            "--scope", action="append", choices=list(TokenScope), help="default: all"
        )
        parser.add_argument("--days", type=int, help="valid for so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["act"] == "list":
            return self._list()
        if not options["name"]:
            raise CommandError("Name the key.")
        if options["act"] == "revoke":
            return self._revoke(options["name"])
        return self._issue(options)

    def _issue(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        days = options["days"]
        try:
            secret = operations.issue_token(
                options["name"],
                client=options["client"],
                scopes=options["scope"] or list(TokenScope),
                expires_at=now + timedelta(days=days) if days else None,
                actor=None,
                now=now,
            )
        except Refusal as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(secret)

    def _revoke(self, name: str) -> None:
        token = ApiToken.objects.filter(name=name).first()
        if token is None:
            raise CommandError(f"There is no key called {name}.")
        operations.revoke_token(token.pk, actor=None, now=timezone.now())

    def _list(self) -> None:
        for token in ApiToken.objects.order_by("name"):
            used = token.last_used_at
            told = f"used {used:%Y-%m-%d %H:%M} UTC" if used else "not used"
            scopes = " ".join(token.scopes)
            self.stdout.write(f"{token.name}\t{token.client}\t{scopes}\t{told}")
