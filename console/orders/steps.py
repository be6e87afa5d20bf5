"""The step kind of this room: wait until every order of a sale has gone out."""

from __future__ import annotations

from console.orders import queries
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step

POLL_S = 1.0


@handles("orders.drain")
def drain(step: Step) -> Seen:
    """Pending until no order of the campaign waits to be relayed.

    Dead letters do not hold it up: they are counted, shown, and wait for a person.
    """
    found = queries.reconciliation(step.wanted["campaign"])
    note = f"{found.relayed:,} of {found.accepted:,} relayed"
    if found.dead:
        note += f", {found.dead:,} dead letters: see Orders"
    if paused := queries.paused():
        note += f". Paused: {', '.join(paused)}"
    return Seen(
        {
            "accepted": found.accepted,
            "relayed": found.relayed,
            "queued": found.queued,
            "dead": found.dead,
            "missing": len(found.missing),
        },
        note,
        pending=found.queued > 0,
        poll_after_s=POLL_S,
        progress=1 - found.queued / found.accepted if found.accepted else 1.0,
    )
