"""How long and how often a figure of stock is taken.

`--quick` after the command takes each once and for a second: it shows that a bench
runs, its figures mean nothing.
"""

from __future__ import annotations

import sys

QUICK = "--quick" in sys.argv[1:]
ROUNDS = 1 if QUICK else 3
SECONDS = 1 if QUICK else 5
