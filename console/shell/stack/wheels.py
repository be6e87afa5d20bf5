"""Where a wheel lies, without running its code: we start its servers ourselves."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def wheel(package: str) -> Path:
    """The folder of an installed package.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(spec.origin).parent
