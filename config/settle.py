"""What a web worker does once, before its first request."""

from __future__ import annotations

import gc
from importlib import import_module

from django.conf import settings


def settle() -> None:
    """Load every page, and take what stays for good out of the collector's rounds.

    A full round over some hundred thousand objects that never go holds whichever
    request it falls into up for 50 ms and more.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
