"""Forms of campaigns."""

from __future__ import annotations

from console.campaigns.forms.decisions import DecisionForm
from console.campaigns.forms.fields import people
from console.campaigns.forms.lines import (
    AddLineForm,
    BulkForm,
    LineForm,
    UploadForm,
)
from console.campaigns.forms.terms import TermsForm
from console.campaigns.forms.values import defaults, values_of

__all__ = [
    "AddLineForm",
    "BulkForm",
    "DecisionForm",
    "LineForm",
    "TermsForm",
    "UploadForm",
    "defaults",
    "people",
    "values_of",
]
