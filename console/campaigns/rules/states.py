"""The life of a campaign: states, events, and what may follow what, in one table."""

from __future__ import annotations

from enum import StrEnum

from console.errors import Refusal


class State(StrEnum):
    """Where a campaign is between its first draft and its archive."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    ARMED = "armed"
    WARMING = "warming"
    READY = "ready"
    LIVE = "live"
    PAUSED = "paused"
    ENDING = "ending"
    CLOSED = "closed"
    ABORTED = "aborted"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return self.value.replace("_", " ").capitalize()


class Event(StrEnum):
    """What can happen to a campaign."""

    EDIT = "edit"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    REJECT = "reject"
    APPROVE = "approve"
    ARM = "arm"
    LAPSE = "lapse"
    WARM = "warm"
    READY = "ready"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    AMEND = "amend"
    END = "end"
    CLOSE = "close"
    ABORT = "abort"
    FAIL = "fail"


_S, _E = State, Event

TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.DRAFT, _E.EDIT): _S.DRAFT,
    (_S.DRAFT, _E.SUBMIT): _S.IN_REVIEW,
    (_S.DRAFT, _E.ABORT): _S.ABORTED,
    (_S.IN_REVIEW, _E.EDIT): _S.DRAFT,
    (_S.IN_REVIEW, _E.WITHDRAW): _S.DRAFT,
    (_S.IN_REVIEW, _E.REJECT): _S.DRAFT,
    (_S.IN_REVIEW, _E.APPROVE): _S.APPROVED,
    (_S.IN_REVIEW, _E.ABORT): _S.ABORTED,
    (_S.APPROVED, _E.EDIT): _S.DRAFT,
    (_S.APPROVED, _E.WITHDRAW): _S.DRAFT,
    (_S.APPROVED, _E.ARM): _S.ARMED,
    (_S.APPROVED, _E.LAPSE): _S.IN_REVIEW,
    (_S.APPROVED, _E.ABORT): _S.ABORTED,
    (_S.ARMED, _E.EDIT): _S.DRAFT,
    (_S.ARMED, _E.WITHDRAW): _S.DRAFT,
    (_S.ARMED, _E.WARM): _S.WARMING,
    (_S.ARMED, _E.EXTEND): _S.ARMED,
    (_S.ARMED, _E.AMEND): _S.ARMED,
    (_S.ARMED, _E.ABORT): _S.ABORTED,
    (_S.ARMED, _E.FAIL): _S.FAILED,
    (_S.WARMING, _E.READY): _S.READY,
    (_S.WARMING, _E.EXTEND): _S.WARMING,
    (_S.WARMING, _E.AMEND): _S.WARMING,
    (_S.WARMING, _E.ABORT): _S.ABORTED,
    (_S.WARMING, _E.FAIL): _S.FAILED,
    (_S.READY, _E.OPEN): _S.LIVE,
    (_S.READY, _E.EXTEND): _S.READY,
    (_S.READY, _E.AMEND): _S.READY,
    (_S.READY, _E.ABORT): _S.ABORTED,
    (_S.READY, _E.FAIL): _S.FAILED,
    (_S.LIVE, _E.PAUSE): _S.PAUSED,
    (_S.LIVE, _E.EXTEND): _S.LIVE,
    (_S.LIVE, _E.AMEND): _S.LIVE,
    (_S.LIVE, _E.END): _S.ENDING,
    (_S.LIVE, _E.ABORT): _S.ABORTED,
    (_S.PAUSED, _E.RESUME): _S.LIVE,
    (_S.PAUSED, _E.EXTEND): _S.PAUSED,
    (_S.PAUSED, _E.AMEND): _S.PAUSED,
    (_S.PAUSED, _E.END): _S.ENDING,
    (_S.PAUSED, _E.ABORT): _S.ABORTED,
    (_S.ENDING, _E.CLOSE): _S.CLOSED,
    (_S.ENDING, _E.FAIL): _S.FAILED,
}

EDITABLE = frozenset(s for (s, event) in TRANSITIONS if event == _E.EDIT)
HOLDS_STOCK = frozenset({_S.ARMED, _S.WARMING, _S.READY, _S.LIVE, _S.PAUSED, _S.ENDING})
RUNNING = frozenset({_S.WARMING, _S.READY, _S.LIVE, _S.PAUSED, _S.ENDING})
SUSPENDABLE = frozenset({_S.ARMED, _S.WARMING, _S.READY})
"""States in which a change of what a plan depends on keeps it from opening."""
ENDS_SUSPENSION = frozenset({_E.EDIT, _E.WITHDRAW, _E.ABORT, _E.FAIL})
OVER = frozenset({_S.CLOSED, _S.ABORTED, _S.FAILED})
COUNTED = frozenset({_S.APPROVED, _S.ARMED, *RUNNING, _S.CLOSED})
"""States that tire an audience: approved, or already sold."""
OWNS = frozenset({_S.APPROVED, _S.ARMED, *RUNNING})
"""States in which nobody else sets the prices of its SKUs."""

NEEDS = {
    _E.EDIT: "Its plan is at work: end it, or plan another campaign",
    _E.SUBMIT: "Only a draft can be sent for approval",
    _E.WITHDRAW: "It can be taken back while it is in review, approved or armed",
    _E.REJECT: "Only a campaign in review can be sent back",
    _E.APPROVE: "Only a campaign in review can be approved: submit it first",
    _E.ARM: "It is armed once it is approved",
    _E.LAPSE: "Only what was approved can lapse",
    _E.WARM: "It warms once it is armed",
    _E.READY: "It is ready once it has warmed",
    _E.OPEN: "It opens once it is ready",
    _E.PAUSE: "Only a live sale can be paused",
    _E.RESUME: "Only a paused sale can be resumed",
    _E.EXTEND: "The end can be moved from armed until it ends",
    _E.AMEND: "It can be amended from armed until it ends",
    _E.END: "Only a live or paused sale can be ended",
    _E.CLOSE: "It closes once it has ended",
    _E.ABORT: "It can be aborted until it ends",
    _E.FAIL: "It has not been armed, or is over",
}


class WrongState(Refusal):
    """The campaign is in a state in which this cannot happen."""

    code = "wrong_state"


def after(state: State | str, event: Event) -> State:
    """The state that follows.

    Raises:
        WrongState: the event cannot happen now; the sentence says when it can.
    """
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        now = State(state).label.lower()
        raise WrongState(
            f"The campaign is {now}. {NEEDS[event]}.",
            detail={"state": str(state), "event": event.value},
        ) from None


def allows(state: State | str, event: Event) -> bool:
    """True if the event can happen in this state."""
    return (State(state), event) in TRANSITIONS
