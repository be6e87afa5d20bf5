"""Every write of campaigns, one transaction each."""

from __future__ import annotations

from console.campaigns.operations.amended import finish as finish_amendment
from console.campaigns.operations.amendments import (
    approve_amendment,
    reject_amendment,
    withdraw_amendment,
)
from console.campaigns.operations.announcing import announce, unannounce
from console.campaigns.operations.approving import save_table
from console.campaigns.operations.budgets import exhaust
from console.campaigns.operations.catalogue import BadRows, Brought, update_catalogue
from console.campaigns.operations.clashes import Way, settle
from console.campaigns.operations.decisions import (
    approve,
    arm,
    reject,
    submit,
    withdraw,
)
from console.campaigns.operations.desk import (
    decide,
    set_contacts,
    wait_for,
    wait_no_more,
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
from console.campaigns.operations.occasions import (
    add_occasion,
    drop_occasion,
    rename_occasion,
)
from console.campaigns.operations.pricing import set_price
from console.campaigns.operations.proposing import Change, Wish, propose
from console.campaigns.operations.resolving import resolve
from console.campaigns.operations.sources import Filled, fill, forget_source
from console.campaigns.operations.suspending import recheck, recheck_some
from console.campaigns.operations.templates import (
    clone,
    drop_template,
    save_template,
    use_template,
)
from console.campaigns.operations.undoing import undo

__all__ = [
    "BadRows",
    "Brought",
    "Change",
    "Filled",
    "LineTerms",
    "MarketTerms",
    "Terms",
    "Way",
    "Wish",
    "abort",
    "add_channel",
    "add_line",
    "add_occasion",
    "announce",
    "approve",
    "approve_amendment",
    "arm",
    "break_glass",
    "clone",
    "close",
    "create",
    "decide",
    "discard",
    "drop_occasion",
    "drop_template",
    "duplicate",
    "edit",
    "edit_line",
    "end",
    "end_now",
    "exhaust",
    "extend",
    "fill",
    "finish_amendment",
    "forget_source",
    "freeze",
    "lift",
    "move",
    "open",
    "pause",
    "place_shop",
    "propose",
    "ready",
    "recheck",
    "recheck_some",
    "reject",
    "reject_amendment",
    "remove_lines",
    "rename_occasion",
    "resolve",
    "resume",
    "review_glass",
    "save_market",
    "save_table",
    "save_template",
    "set_contacts",
    "set_percent",
    "set_price",
    "settle",
    "submit",
    "unannounce",
    "undo",
    "update_catalogue",
    "use_template",
    "wait_for",
    "wait_no_more",
    "warm",
    "withdraw",
    "withdraw_amendment",
]
