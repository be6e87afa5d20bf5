"""Celery rings the bell; the tables are the letterbox."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.env import env

app = Celery("doorbuster")
app.conf.update(
    broker_url=env.broker_url,
    task_ignore_result=True,
    task_acks_late=False,
    task_default_queue="doorbuster",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "retry_on_timeout": True,
        # Nobody waits at the bell: kombu would try for 4 s before it gives up.
        "max_retries": 1,
        "interval_start": 0,
    },
    timezone="UTC",
)


def _every(task: str, seconds: float) -> dict[str, object]:
    """A bell nobody needs to hear late: it expires."""
    return {
        "task": task,
        "schedule": seconds,
        "options": {"expires": max(seconds * 2, 2.0)},
    }


app.conf.beat_schedule = {
    "heartbeat": _every("shell.heartbeat", 5.0),
    "sessions": _every("shell.clear_sessions", 3600.0),
    "runbook-tick": _every("runbook.tick", env.STEP_TICK_S),
    "orders-relay": _every("orders.relay", env.RELAY_TICK_S),
    "orders-budgets": _every("orders.budgets", 1.0),
    "orders-reconcile": _every("orders.reconcile", 60.0),
    "capacity-look": _every("capacity.look", 10.0),
    "providers-test": _every("providers.test_all", 30.0),
    "stock-sweep": _every("stock.sweep", 1.0),
    "stock-offer": _every("stock.offer", 1.0),
    "stock-backorders": _every("stock.fill_backorders", 10.0),
    "stock-mark-expired": _every("stock.mark_expired", 3600.0),
    "stock-publish": _every("stock.publish", 1.0),
    "stock-imports": _every("stock.imports", 5.0),
    "stock-audit": _every("stock.audit", 10.0),
    "stock-undersell": _every("stock.undersell", 60.0),
    "stock-buffers": _every("stock.buffers", 1.0),
    "stock-feeds": _every("stock.feeds", 1.0),
    "stock-tend-feeds": _every("stock.tend_feeds", 60.0),
    "stock-partitions": _every("stock.partitions", 3600.0),
    "campaigns-imports": _every("campaigns.imports", 5.0),
    "campaigns-recheck": _every("campaigns.recheck", 10.0),
    "fatigue-contacts": _every("fatigue.contacts", 10.0),
    "report-freeze": _every("report.freeze", 10.0),
    "uplift-take-up": _every("uplift.take_up", 5.0),
    "live-prune": _every("live.prune", 60.0),
    "live-sample": _every("live.sample", env.LIVE_SAMPLE_S),
}
app.autodiscover_tasks()
