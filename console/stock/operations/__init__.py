"""Every write of stock, one transaction each."""

from __future__ import annotations

from console.stock.operations.amending import Altered, alter
from console.stock.operations.audits import audit
from console.stock.operations.deliveries import Parcel
from console.stock.operations.gates import (
    close_gate,
    limit_holds,
    open_gate,
    pause_gate,
    resume_gate,
)
from console.stock.operations.goods import Goods
from console.stock.operations.holds import (
    Confirmed,
    Held,
    confirm,
    mark_expired,
    release,
    reserve,
    sweep,
)
from console.stock.operations.levels import LevelSize, adjust, receive
from console.stock.operations.locks import AlreadyLocked, lock
from console.stock.operations.months import MadeMonth, make_months
from console.stock.operations.publishing import NothingToSend, send_again
from console.stock.operations.rebuilding import (
    AlreadyRebuilt,
    NothingToRebuild,
    OtherEyes,
    StalePlan,
    approve_rebuild,
    propose_rebuild,
)
from console.stock.operations.returns import (
    GateNotClosed,
    HoldsActive,
    Returned,
    return_units,
)
from console.stock.operations.settling import Settled
from console.stock.operations.shipping import cancel_sale, ship, take_back
from console.stock.operations.sizes import Size, resize, resize_many
from console.stock.operations.tokens import issue_token, revoke_token
from console.stock.operations.unlocking import unlock

__all__ = [
    "AlreadyLocked",
    "AlreadyRebuilt",
    "Altered",
    "Confirmed",
    "GateNotClosed",
    "Goods",
    "Held",
    "HoldsActive",
    "LevelSize",
    "MadeMonth",
    "NothingToRebuild",
    "NothingToSend",
    "OtherEyes",
    "Parcel",
    "Returned",
    "Settled",
    "Size",
    "StalePlan",
    "adjust",
    "alter",
    "approve_rebuild",
    "audit",
    "cancel_sale",
    "close_gate",
    "confirm",
    "issue_token",
    "limit_holds",
    "lock",
    "make_months",
    "mark_expired",
    "open_gate",
    "pause_gate",
    "propose_rebuild",
    "receive",
    "release",
    "reserve",
    "resize",
    "resize_many",
    "resume_gate",
    "return_units",
    "revoke_token",
    "send_again",
    "ship",
    "sweep",
    "take_back",
    "unlock",
]
