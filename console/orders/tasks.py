"""The relay's bell: look which destination has work, and send one round of it."""

from __future__ import annotations

import structlog
from celery import current_app, shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from console.orders import budgets, claims, proof, relay
from console.shell.silence import Silence

ROUND = "orders.relay_round"
ROUND_S = 1.0
STALE_AFTER_S = 5

log = structlog.get_logger(__name__)


@shared_task(name="orders.relay")
def ring() -> None:
    """Call a worker for each destination that could be sent something."""
    silence.heard()
    for destination_id in claims.with_work(now=timezone.now()):
        _call(destination_id)


@shared_task(name=ROUND)
def send_round(destination_id: int) -> None:
    """Send one round to a destination, and ring again while there is more."""
    if relay.run_round(destination_id, seconds=ROUND_S, now=timezone.now()):
        _call(destination_id)


def _call(destination_id: int) -> None:
    """Ring once; where nobody hears it, the next tick finds the same rows."""
    try:
        current_app.send_task(
            ROUND, args=[destination_id], retry=False, expires=STALE_AFTER_S
        )
    except (OperationalError, RedisError, OSError) as error:
        log.warning("bell not heard", error=type(error).__name__)


@shared_task(name="orders.reconcile")
def reconcile() -> None:
    """Ask the destinations whether they have what was sent."""
    proof.ask_all(now=timezone.now())


@shared_task(name="orders.budgets")
def watch_budgets() -> None:
    """End the sales whose budget is used up."""
    budgets.watch(now=timezone.now())


def look() -> None:
    """Watch budgets, and send one round to each destination that has work."""
    watch_budgets()
    for destination_id in claims.with_work(now=timezone.now()):
        relay.run_round(destination_id, seconds=ROUND_S, now=timezone.now())


silence = Silence("relay-watch", look)
silence.watch_in_worker()
