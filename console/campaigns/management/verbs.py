"""What the commands of campaigns share: who acts, how it is told, and exit codes.

0: done. 1: refused, with one sentence. 2: the command was called wrongly.
"""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from console.campaigns.queries import head
from console.campaigns.views.actions import ACTIONS
from console.errors import Refusal
from console.shell import policy
from console.words import either

USAGE = 2


class Verb(BaseCommand):
    """One thing done to campaigns, by a person whose roles allow it.

    need: the permission it asks for; what only reads asks for no person.
    """

    need = policy.LOGIN

    def add_arguments(self, parser: CommandParser) -> None:
        """Who acts, and in which form it is told."""
        acts = self.need != policy.LOGIN
        parser.add_argument(
            "--as", dest="username", metavar="USERNAME", required=acts, help="who acts"
        )
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and tell it.

        Raises:
            CommandError: it was refused; exit code 1.
        """
        try:
            actor = self._actor(options["username"])
            told = self.act(options, actor=actor, now=timezone.now())
        except Refusal as refused:
            if options["json"]:
                self._print({"code": refused.code, "detail": refused.message,
                             "field": refused.field})  # fmt: skip
            raise CommandError(refused.message) from refused
        self._print(told) if options["json"] else self.stdout.write(self.say(told))
        self.check_told(told)

    def _actor(self, username: str | None) -> User | None:
        if username is None:
            return None
        person = User.objects.filter(username=username).first()
        if person is None:
            raise NobodyThere(f"Nobody signs in as {username}.", field="as")
        if not policy.may(person, self.need):
            roles = sorted(policy.MATRIX.get(self.need, ()))
            who = either(roles) if roles else "any"
            raise NotAllowed(f"{username} lacks the role: this needs {who}.")
        return person

    def _print(self, told: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder, indent=2))

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Do it; what came of it, JSON-safe."""
        raise NotImplementedError

    def say(self, told: dict[str, Any]) -> str:
        """What came of it, for a person."""
        raise NotImplementedError

    def check_told(self, told: dict[str, Any]) -> None:
        """Fail where what was told is itself a no."""


class Telling(Verb):
    """What is told of one campaign, and changes nothing."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The campaign."""
        super().add_arguments(parser)
        parser.add_argument("code")


class NobodyThere(Refusal):
    """There is no such person."""

    code = "nobody_there"


class NotAllowed(Refusal):
    """The person's roles do not allow this."""

    code = "not_allowed"
    status = 403


def wall_clock(text: str) -> datetime:
    """A time on the wall clock of the campaign's zone, such as 2027-03-05T22:00.

    Raises:
        ArgumentTypeError: it is none, or names a zone of its own.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise ArgumentTypeError(f"{text} is not a local time like 2027-03-05T22:00")
    return found


class Decision(Verb):
    """One action of a campaign's pages, asking for what its dialog asks."""

    action = ""
    named = {
        "reason": "--reason",
        "override": "--override",
        "override_until": "--override-until",
        "content_hash": "--hash",
        "closes_local": "--closes",
        "fold": "--fold",
        "countdown": "--countdown",
    }
    kinds: ClassVar[dict[str, Callable[[str], Any]]] = {
        "override_until": wall_clock,
        "closes_local": wall_clock,
        "fold": int,
    }
    flags = ("countdown",)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take permission and words from the page's own table."""
        self.does = ACTIONS[self.action]
        self.need, self.help = self.does.need, f"{self.does.title}."
        super().__init__(*args, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        """The campaign, and whatever the dialog asks for."""
        super().add_arguments(parser)
        parser.add_argument("code")
        for ask in self.does.asks:
            name, must = ask.rstrip("!"), ask.endswith("!")
            how: dict[str, Any] = {"type": self.kinds.get(name, str)}
            if name in self.flags:
                how = {"action": "store_true"}
            parser.add_argument(self.named[name], dest=name, required=must, **how)

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Decide."""
        names = [ask.rstrip("!") for ask in self.does.asks]
        said = {name: options[name] for name in names if options[name] is not None}
        self.does.act(options["code"], **said, actor=actor, now=now)
        return facts(options["code"])

    def say(self, told: dict[str, Any]) -> str:
        """`FS-0001 is armed.`"""
        return f"{told['code']} is {told['state'].replace('_', ' ')}."


def facts(code: str) -> dict[str, Any]:
    """Where a campaign is, for programs."""
    campaign = head(code).campaign
    named = ("code", "name", "state", "version", "content_hash", "opens_at")
    return {name: getattr(campaign, name) for name in named}


def content(path: str) -> bytes:
    """What is in a file.

    Raises:
        CommandError: it cannot be read; exit code 2.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}."
        raise CommandError(text, returncode=USAGE) from error


def listed(changes: list[dict[str, Any]]) -> str:
    """One change a line: `terms.name: Boots -> Coats`."""
    return "\n".join(
        f"{one['what']}: {_short(one['before'])} -> {_short(one['after'])}"
        for one in changes
    )


def _short(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
