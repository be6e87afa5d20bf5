"""`manage.py stock_rebuild`: set balances to what the ledger says, with four eyes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from console import words
from console.errors import Refusal
from console.shell import policy
from console.stock import clock, operations
from console.stock.models import Rebuild

NEED = "stock.control"


class Command(BaseCommand):
    """Without --approve it only proposes; another person approves."""

    help = "Propose what balances the ledger says otherwise, or approve a proposal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who does it; of which SKUs, or which proposal."""
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who acts")
        parser.add_argument(
            "--sku", action="append", metavar="CODE", help="default: all"
        )
        parser.add_argument("--approve", type=int, metavar="ID", help="do a proposal")

    def handle(self, *args: Any, **options: Any) -> None:
        """Propose or approve, and say what changes.

        Raises:
            CommandError: it was refused; exit code 1.
        """
        person = self._person(options["by"])
        try:
            if options["approve"] is None:
                return self._propose(options["sku"], person)
            return self._approve(options["approve"], person)
        except Refusal as refused:
            raise CommandError(refused.message) from refused

    def _person(self, username: str) -> User:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {username}.")
        if not policy.may(person, NEED):
            who = words.either(sorted(policy.MATRIX[NEED]))
            raise CommandError(f"{username} lacks the role: this needs {who}.")
        return person

    def _propose(self, skus: list[str] | None, person: User) -> None:
        made = operations.propose_rebuild(skus, actor=person, now=clock.now())
        self._say(made)
        self.stdout.write(
            "Nothing was changed. Somebody else approves it: "
            f"manage.py stock_rebuild --approve {made.pk} --by USERNAME"
        )

    def _approve(self, pk: int, person: User) -> None:
        try:
            done = operations.approve_rebuild(pk, actor=person, now=clock.now())
        except Rebuild.DoesNotExist:
            raise CommandError(f"There is no proposal {pk}.") from None
        except IntegrityError as wrong:
            told = str(wrong).splitlines()[0]
            raise CommandError(f"The ledger says what cannot be: {told}") from wrong
        self._say(done)
        self.stdout.write("Done.")

    def _say(self, one: Rebuild) -> None:
        self.stdout.write(str(one))
        for said in one.plan:
            self.stdout.write(
                f"  {said['where']}, {said['field']}: "
                f"{said['before']:,} -> {said['after']:,}"
            )
