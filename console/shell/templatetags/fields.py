"""Tags and filters that draw the fields of a form."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from console.shell import widgets

register = template.Library()


@register.simple_tag
def widget(field: BoundField, css: str = "", **attrs: str) -> SafeString:
    """A field's input with its classes of the component sheet, and more if wanted."""
    return widgets.draw(field, css, attrs)


@register.filter
def col(field: BoundField) -> str:
    """The width of a field in a `.formgrid`, from `data-col` of its widget."""
    return str(field.field.widget.attrs.get("data-col", "w12"))


@register.filter
def look(field: BoundField) -> str:
    """How a field is laid out: check, switch, radios, seg, ticks or plain."""
    return widgets.look(field)


@register.filter
def optional(field: BoundField) -> bool:
    """True if a field may be left empty; a select without an empty choice is not."""
    return widgets.optional(field)


@register.filter
def attr(field: BoundField, name: str) -> str:
    """An attribute of a field's widget."""
    return str(field.field.widget.attrs.get(name, ""))
