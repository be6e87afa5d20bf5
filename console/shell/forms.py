"""How form fields are drawn: the field groups of the component sheet."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    """Draws fields with templates/shell/field.html and forms with shell/form.html."""

    form_template_name = "shell/form.html"
    field_template_name = "shell/field.html"
