"""Settings, addresses, servers and the demo retailer: the top of the house."""

from config.celery import app as celery

__all__ = ["celery"]
