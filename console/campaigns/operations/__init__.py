"""Every write of campaigns, one transaction each."""

from __future__ import annotations

from console.campaigns.operations.approving import save_table
from console.campaigns.operations.clashes import Way, settle
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
from console.campaigns.operations.glass import break_glass, review_glass
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
from console.campaigns.operations.markets import (
    MarketTerms,
    add_channel,
    place_shop,
    save_market,
)
from console.campaigns.operations.moves import move
from console.campaigns.operations.suspending import recheck, recheck_some

__all__ = [
    "LineTerms",
    "MarketTerms",
    "Terms",
    "Way",
    "abort",
    "add_channel",
    "add_line",
    "approve",
    "arm",
    "break_glass",
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
    "place_shop",
    "ready",
    "recheck",
    "recheck_some",
    "reject",
    "remove_lines",
    "resume",
    "review_glass",
    "save_market",
    "save_table",
    "set_percent",
    "settle",
    "submit",
    "warm",
    "withdraw",
]
