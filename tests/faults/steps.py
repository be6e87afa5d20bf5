"""A step kind that turns a dial of a small HTTP server the test owns."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

from console.errors import OutsideFailure
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step


def ask(method: str, path: str) -> int:
    """What the dial stands at; unreachable is a transient failure."""
    request = urllib.request.Request(os.environ["DIALS_URL"] + path, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.read())
    except (urllib.error.URLError, OSError) as error:
        raise OutsideFailure(str(error), transient=True) from error


def before(step: Step) -> dict[str, int]:
    """Where the dial stood."""
    return {"dial": ask("GET", f"/{step.target}")}


@handles("faults.turn", before=before)
def turn(step: Step) -> Seen:
    """Turn the dial to where it is wanted, unless it is there already."""
    wanted = int(step.wanted["dial"])
    if ask("GET", f"/{step.target}") != wanted:
        ask("PUT", f"/{step.target}/{wanted}")
    return Seen({"dial": ask("GET", f"/{step.target}")}, f"by process {os.getpid()}")
