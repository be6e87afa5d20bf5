"""How form fields are drawn: the field groups of the component sheet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import pretty_name


class FieldRenderer(TemplatesSetting):
    """Draws fields with templates/shell/field.html and forms with shell/form.html."""

    form_template_name = "shell/form.html"
    field_template_name = "shell/field.html"


_OURS = {
    "required": "{} is missing. Fill it in.",
    "min_value": "{} must be %(limit_value)s or more.",
    "max_value": "{} must be %(limit_value)s or less.",
    "max_length": "{} has %(show_value)s characters: at most %(limit_value)s fit.",
    "max_digits": "{} has too many digits: at most %(max)s fit.",
    "max_decimal_places": "{} has too many decimals: at most %(max)s fit.",
    "max_whole_digits": "{} is too large: at most %(max)s digits before the point.",
}


def _named(label: str) -> dict[str, str]:
    """Our words, of a field with this label."""
    name = label.replace("%", "%%")
    return {code: words.format(name) for code, words in _OURS.items()}


def relabel(field: forms.Field, label: str) -> None:
    """Give a field of a form another label, in its errors too."""
    field.label = label
    field.error_messages |= _named(label)


class Saying:
    """Makes a form's errors name the field, where the field has no words of its own."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give each field our words."""
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            label = str(field.label or pretty_name(name))
            usual = forms.Field.default_error_messages["required"]
            if field.error_messages.get("required") == usual:
                del field.error_messages["required"]
            for code, said in _named(label).items():
                field.error_messages.setdefault(code, said)


class SayingForm(Saying, forms.Form):
    """A plain form that says it so."""
