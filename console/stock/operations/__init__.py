"""Every write of stock, one transaction each."""

from __future__ import annotations

from console.stock.operations.amending import Altered, alter
from console.stock.operations.applying import apply_due
from console.stock.operations.audits import audit
from console.stock.operations.backorders import fill_backorders, set_backorder
from console.stock.operations.booking import book_due
from console.stock.operations.deliveries import Parcel
from console.stock.operations.feeds import FeedTerms, add_feed, change_feed
from console.stock.operations.fences import acknowledge_fence, drop_fence, raise_fence
from console.stock.operations.gates import (
    close_gate,
    limit_holds,
    open_gate,
    pause_gate,
    resume_gate,
    tell_end,
)
from console.stock.operations.goods import Goods
from console.stock.operations.held import discard_movements, retry_movements
from console.stock.operations.holds import (
    Confirmed,
    Held,
    confirm,
    mark_expired,
    release,
    reserve,
    sweep,
)
from console.stock.operations.ledger import StockBusy
from console.stock.operations.levels import adjust, receive
from console.stock.operations.locks import AlreadyLocked, lock
from console.stock.operations.months import MadeMonth, make_months
from console.stock.operations.pending import AlreadyDecided, approve_count, refuse_count
from console.stock.operations.places import (
    add_location,
    move_location,
    remove_location,
    rename_location,
)
from console.stock.operations.policies import (
    PolicyTerms,
    add_policy,
    change_policy,
    remove_policy,
)
from console.stock.operations.rebuilding import (
    AlreadyRebuilt,
    NothingToRebuild,
    OtherEyes,
    SaleIsRunning,
    StalePlan,
    approve_rebuild,
    propose_rebuild,
)
from console.stock.operations.releasing import (
    NothingLocked,
    RuleTerms,
    add_rule,
    drop_rule,
    run_due_rule,
    run_rule,
)
from console.stock.operations.returns import (
    GateNotClosed,
    HoldsActive,
    Returned,
    return_units,
)
from console.stock.operations.second import AlreadyPending
from console.stock.operations.sending_again import NothingToSend, send_again
from console.stock.operations.settling import Settled
from console.stock.operations.shipping import cancel_sale, ship, take_back
from console.stock.operations.shortfalls import resolve_shortfall
from console.stock.operations.sizes import Size, resize, resize_many
from console.stock.operations.sizing import LevelSize
from console.stock.operations.soldout_copies import begin_sold_out, carry_sold_out
from console.stock.operations.soldout_policy import SaleRuns, set_sold_out
from console.stock.operations.soldout_turns import (
    TURNS,
    hold_turns,
    is_turn,
    taken_back,
)
from console.stock.operations.stops import start_sku, stop_sku
from console.stock.operations.tending import measure_feeds, prune_movements
from console.stock.operations.tokens import issue_token, revoke_token
from console.stock.operations.undersell import look_for_stuck, reclaim
from console.stock.operations.unlocking import unlock
from console.stock.operations.waiting import Waiting, leave, offer, ring, wait
from console.stock.operations.waves import open_due_wave, open_next_wave, plan_waves

__all__ = [
    "TURNS",
    "AlreadyDecided",
    "AlreadyLocked",
    "AlreadyPending",
    "AlreadyRebuilt",
    "Altered",
    "Confirmed",
    "FeedTerms",
    "GateNotClosed",
    "Goods",
    "Held",
    "HoldsActive",
    "LevelSize",
    "MadeMonth",
    "NothingLocked",
    "NothingToRebuild",
    "NothingToSend",
    "OtherEyes",
    "Parcel",
    "PolicyTerms",
    "Returned",
    "RuleTerms",
    "SaleIsRunning",
    "SaleRuns",
    "Settled",
    "Size",
    "StalePlan",
    "StockBusy",
    "Waiting",
    "acknowledge_fence",
    "add_feed",
    "add_location",
    "add_policy",
    "add_rule",
    "adjust",
    "alter",
    "apply_due",
    "approve_count",
    "approve_rebuild",
    "audit",
    "begin_sold_out",
    "book_due",
    "cancel_sale",
    "carry_sold_out",
    "change_feed",
    "change_policy",
    "close_gate",
    "confirm",
    "discard_movements",
    "drop_fence",
    "drop_rule",
    "fill_backorders",
    "hold_turns",
    "is_turn",
    "issue_token",
    "leave",
    "limit_holds",
    "lock",
    "look_for_stuck",
    "make_months",
    "mark_expired",
    "measure_feeds",
    "move_location",
    "offer",
    "open_due_wave",
    "open_gate",
    "open_next_wave",
    "pause_gate",
    "plan_waves",
    "propose_rebuild",
    "prune_movements",
    "raise_fence",
    "receive",
    "reclaim",
    "refuse_count",
    "release",
    "remove_location",
    "remove_policy",
    "rename_location",
    "reserve",
    "resize",
    "resize_many",
    "resolve_shortfall",
    "resume_gate",
    "retry_movements",
    "return_units",
    "revoke_token",
    "ring",
    "run_due_rule",
    "run_rule",
    "send_again",
    "set_backorder",
    "set_sold_out",
    "ship",
    "start_sku",
    "stop_sku",
    "sweep",
    "take_back",
    "taken_back",
    "tell_end",
    "unlock",
    "wait",
]
