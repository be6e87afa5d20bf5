"""Text as it can be kept: PostgreSQL takes every character but NUL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from console.errors import Refusal

NUL = "\0"


class NulInText(Refusal):
    """A text no database keeps."""

    code = "nul_in_text"
    status = 422


def check_texts(value: Any, field: str = "") -> None:
    """Refuse a NUL in any text of a value, however deep.

    Source: https://www.postgresql.org/docs/18/datatype-character.html

    Raises:
        NulInText: naming the field, as `lines.0.sku`.
    """
    left = [(value, field)]
    while left:
        one, name = left.pop()
        if isinstance(one, str) and NUL in one:
            raise NulInText(
                f"{name or 'The body'} has a NUL character in it, which no text may "
                "have. Take it out.",
                field=name or "body",
            )
        left += [(inner, _inside(name, part)) for part, inner in _parts(one)]


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _inside(field: str, part: Any) -> str:
    name = str(part).replace(NUL, "")
    return f"{field}.{name}" if field else name
