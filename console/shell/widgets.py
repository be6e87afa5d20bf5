"""How a form field's input is drawn: the classes of the component sheet."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField, widgets
from django.utils.safestring import SafeString

LOOKS: list[tuple[type[widgets.Widget], str]] = [
    (widgets.CheckboxSelectMultiple, "ticks"),
    (widgets.RadioSelect, "radios"),
    (widgets.CheckboxInput, "check"),
]
CLASSES: list[tuple[type[widgets.Widget], str]] = [
    (widgets.Textarea, "textarea"),
    (widgets.Select, "select"),
    (widgets.CheckboxInput, ""),
    (widgets.RadioSelect, ""),
    (widgets.ClearableFileInput, "file"),
    (widgets.NumberInput, "input input--num"),
    (widgets.Input, "input"),
]


def look(field: BoundField) -> str:
    """How the field is laid out; `data-look` of the widget overrides (switch, seg)."""
    widget = field.field.widget
    chosen = str(widget.attrs.get("data-look", ""))
    return chosen or next(
        (name for kind, name in LOOKS if isinstance(widget, kind)), "plain"
    )


def draw(
    field: BoundField, css: str = "", attrs: dict[str, Any] | None = None
) -> SafeString:
    """The input itself, with its class added to those it has."""
    widget = field.field.widget
    ours = next((css for kind, css in CLASSES if isinstance(widget, kind)), "")
    css = " ".join(filter(None, [ours, str(widget.attrs.get("class", "")), css]))
    return field.as_widget(attrs=(attrs or {}) | ({"class": css} if css else {}))
