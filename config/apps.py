"""The application that holds the demo retailer and the commands above all rooms."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Lets `manage.py` find the commands in config/management."""

    name = "config"
    label = "config"
