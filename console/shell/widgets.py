"""How a form field's input is drawn: the classes of the component sheet."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.forms import BoundField, Select, widgets
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
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


class LongSelect(Select):
    """A list of hundreds, without groups, that is always the same.

    Django draws each option by two templates: 600 of them take 60 ms.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """The same markup, with the options drawn once for all."""
        chosen = format_html('value="{}"', "" if value is None else value)
        options = _options(tuple(self.choices)).replace(chosen, f"{chosen} selected", 1)
        inner = flatatt(self.build_attrs(self.attrs, attrs) | {"name": name})
        return format_html("<select{}>{}</select>", inner, SafeString(options))


@lru_cache(maxsize=8)
def _options(choices: tuple[tuple[object, object], ...]) -> str:
    return format_html_join("", '<option value="{}">{}</option>', choices)


def optional(field: BoundField) -> bool:
    """True if a field may be left empty; a select without an empty choice is not."""
    inner = field.field
    if inner.required or inner.disabled:
        return False
    if not isinstance(inner.widget, Select) or inner.widget.allow_multiple_selected:
        return True
    return any(value in ("", None) for value, _ in inner.widget.choices)


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
