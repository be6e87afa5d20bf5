"""Logs as JSON lines, each with the request's or task's id."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # Without the locals of each frame: they may hold secrets.
    structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    ),
]


def configure(options: dict[str, Any]) -> None:
    """Send structlog and the standard library through one JSON formatter.

    options: {"level": name}; Django calls this with settings.LOGGING.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processor": structlog.processors.JSONRenderer(),
        "foreign_pre_chain": SHARED,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "handlers": {
                "out": {"class": "logging.StreamHandler", "formatter": "json"}
            },
            "root": {"handlers": ["out"], "level": options["level"]},
            "loggers": {"httpx": {"level": "WARNING"}, "httpx2": {"level": "WARNING"}},
        }
    )
