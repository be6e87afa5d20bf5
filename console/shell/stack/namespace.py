"""PostgreSQL refuses to run as root; a user namespace lets root be nobody special.

Inside the namespace root appears as user 1000, outside nothing changes: no account is
made and no permission of any directory is touched.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

CLONE_NEWUSER = 0x10000000
ORDINARY = 1000


def as_ordinary_user() -> Callable[[], None] | None:
    """What a child must do before exec: nothing, unless we are root."""
    return _enter if os.geteuid() == 0 else None


def _enter() -> None:
    """Enter a user namespace in which we are an ordinary user.

    Raises:
        OSError: the system does not allow user namespaces.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/uid_map").write_text(f"{ORDINARY} 0 1")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{ORDINARY} 0 1")
