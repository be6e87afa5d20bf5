"""The one table of who may open which address, merged from the rooms."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from config.api import api


def access_table() -> dict[str, str]:
    """Every named address of the console and the permission it asks for."""
    table: dict[str, str] = {}
    for room in settings.ROOMS:
        urls = import_module(f"console.{room}.urls")
        table |= {f"{urls.app_name}:{name}": need for name, need in urls.ACCESS.items()}
    return table | OTHERS | api.access()


OTHERS = {
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_reauthenticate": "login",
    "account_change_password": "login",
    "api_docs": "login",
    "stock_feed": "public",
}
