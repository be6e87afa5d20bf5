"""Every write of campaigns, one transaction each."""

from __future__ import annotations

from console.campaigns.operations.announcing import announce, unannounce
from console.campaigns.operations.decisions import (
    approve,
    arm,
    reject,
    submit,
    withdraw,
)
from console.campaigns.operations.drafts import Terms, create, duplicate, edit
from console.campaigns.operations.ends import end_now, extend
from console.campaigns.operations.freezes import freeze, lift
from console.campaigns.operations.lifecycle import (
    abort,
    close,
    discard,
    end,
    open,
    pause,
    ready,
    resume,
    warm,
)
from console.campaigns.operations.lines import (
    LineTerms,
    add_line,
    edit_line,
    remove_lines,
    set_percent,
)
from console.campaigns.operations.moves import move

__all__ = [
    "LineTerms",
    "Terms",
    "abort",
    "add_line",
    "announce",
    "approve",
    "arm",
    "close",
    "create",
    "discard",
    "duplicate",
    "edit",
    "edit_line",
    "end",
    "end_now",
    "extend",
    "freeze",
    "lift",
    "move",
    "open",
    "pause",
    "ready",
    "reject",
    "remove_lines",
    "resume",
    "set_percent",
    "submit",
    "unannounce",
    "warm",
    "withdraw",
]
