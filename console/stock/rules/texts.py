"""Which texts the gate takes: what its description says, character by character."""

from __future__ import annotations

import re

UNPRINTABLE = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\ud800-\udfff\ue000-\uf8ff\ufeff\ufff9-\uffff"
)
"""Controls, spaces that look like others or like nothing, marks that hide or turn
text, halves of characters and private ones: inside [] of a pattern, in Python as in
JSON Schema (ECMA-262, by code points)."""
PRINTABLE = f"^[^{UNPRINTABLE}]+$(?!\\n)"
"""`$` of Python also matches before a last newline, that of ECMA-262 does not."""
_wrong = re.compile(f"[{UNPRINTABLE}]").search


def printable(text: str) -> bool:
    """Whether every character of a text is taken; an empty text is.

    Plain ASCII, which nearly all are, is asked in a tenth of the time.
    """
    return text.isprintable() if text.isascii() else _wrong(text) is None
