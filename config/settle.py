"""What a web worker does once, before its first request."""

from __future__ import annotations

import gc
from importlib import import_module

from django.conf import settings


def settle() -> None:
    """Load every page, and take what stays for good out of the collector's rounds.

    A full round over two hundred thousand objects that never go holds whichever
    request it falls into up for 110 to 150 ms (measured on two cores, Python 3.11).
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
