"""What a row that is edited in place showed, to be sent along with an edit."""

from __future__ import annotations

from django import template

from console.campaigns.forms.announcing import ToldChangeForm
from console.campaigns.models import Announcement
from console.shell.diff import seen

register = template.Library()


@register.simple_tag
def told_held(row: Announcement) -> dict[str, object]:
    """The version of an announcement, and what its cells show."""
    form = ToldChangeForm(initial=ToldChangeForm.values_of(row))
    return {"version": form["version"].value(), "seen": seen(form)}
