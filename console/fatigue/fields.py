"""Fields of fatigue's forms: quiet periods as lines of text."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms

from console.fatigue.rules import Quiet

_LINE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s+to\s+(\d{4}-\d\d-\d\d))?\s+(.+)")


class QuietField(forms.CharField):
    """Quiet periods, one a line: a day or two, then a name."""

    def to_python(self, value: Any) -> Any:
        """What the policy keeps of them.

        Raises:
            ValidationError: a line that cannot be read; it is quoted.
        """
        lines = (line.strip() for line in str(value or "").splitlines())
        return [_read(line) for line in lines if line]

    def validate(self, value: Any) -> None:
        """Every line was looked at already."""

    def run_validators(self, value: Any) -> None:
        """The text's length is bounded by the browser and by the upload limits."""

    def prepare_value(self, value: Any) -> Any:
        """Lines, as they are typed."""
        if not isinstance(value, list | tuple):
            return value
        return "\n".join(_line(Quiet.read(told)) for told in value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """True unless both mean the same days."""
        try:
            return bool(self.to_python(data) != list(initial or []))
        except forms.ValidationError:
            return True


def _read(line: str) -> dict[str, str]:
    found = _LINE.fullmatch(line)
    try:
        if not found:
            raise ValueError(line)
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2]) if found[2] else first
    except ValueError:
        raise forms.ValidationError(
            f"“{line[:60]}” is no quiet period. Write it like "
            "2026-12-24 to 2026-12-26 Christmas."
        ) from None
    return Quiet(found[3], first, last).told()


def _line(days: Quiet) -> str:
    span = f"{days.first}" + (f" to {days.last}" if days.last != days.first else "")
    return f"{span} {days.name}"
