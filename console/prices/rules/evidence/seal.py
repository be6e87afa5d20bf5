"""Evidence as a file: JSON, one part a line, each linked to the one before by hash.

One part a line, so that a damaged byte says which part is void and spares the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from console.audit.rules import FIRST, canonical, link

FORMAT = "doorbuster-evidence/1"
HEAD = '{"format":"' + FORMAT + '","parts":['


@dataclass(frozen=True, slots=True)
class Sealed:
    """Evidence with its seal: the hash of the last part, which stands for all."""

    text: str
    seal: str

    @property
    def parts(self) -> dict[str, Any]:
        """Contents by the name of the part."""
        found = json.loads(self.text)["parts"]
        return {part["name"]: part["content"] for part in found}


def seal(parts: Iterable[tuple[str, Any]]) -> Sealed:
    """Write the parts as a file, linked and sealed; equal parts, equal bytes."""
    previous, lines = FIRST, []
    for name, content in parts:
        own = link(previous, {"name": name, "content": content})
        row = {"name": name, "content": content, "previous": previous, "hash": own}
        lines.append(canonical(row))
        previous = own
    return Sealed("\n".join([HEAD, ",\n".join(lines), tail(previous)]) + "\n", previous)


def tail(seal: str) -> str:
    """The last line of the file."""
    return '],"seal":"' + seal + '"}'
