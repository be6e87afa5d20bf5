"""Every write of campaigns, one transaction each."""

from __future__ import annotations

from console.campaigns.operations.decisions import (
    approve,
    arm,
    reject,
    submit,
    withdraw,
)
from console.campaigns.operations.drafts import (
    LineTerms,
    Terms,
    add_line,
    create,
    duplicate,
    edit,
    edit_line,
    remove_lines,
)
from console.campaigns.operations.lifecycle import (
    abort,
    close,
    end,
    end_now,
    extend,
    open,
    pause,
    ready,
    resume,
    warm,
)

__all__ = [
    "LineTerms",
    "Terms",
    "abort",
    "add_line",
    "approve",
    "arm",
    "close",
    "create",
    "duplicate",
    "edit",
    "edit_line",
    "end",
    "end_now",
    "extend",
    "open",
    "pause",
    "ready",
    "reject",
    "remove_lines",
    "resume",
    "submit",
    "warm",
    "withdraw",
]
