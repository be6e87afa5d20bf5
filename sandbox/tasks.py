"""Work that runs beside the requests; a bug in it is logged, not lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


def watched(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start work; the caller keeps the task, or it may vanish."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_look)
    return task


def _look(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("Background work failed", exc_info=error)
