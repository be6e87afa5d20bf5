"""Tables of campaigns."""

from __future__ import annotations

from console.campaigns.models.amendment import Amendment
from console.campaigns.models.campaign import Approval, Campaign, Line, Occasion
from console.campaigns.models.desk import Decision, Dependency
from console.campaigns.models.footprint import Footprint
from console.campaigns.models.freeze import Freeze
from console.campaigns.models.imports import ImportJob, ImportRow, StagedRow
from console.campaigns.models.source import SourceFilter
from console.campaigns.models.template import Template
from console.campaigns.models.undo import Undo, UndoRow

__all__ = [
    "Amendment",
    "Approval",
    "Campaign",
    "Decision",
    "Dependency",
    "Footprint",
    "Freeze",
    "ImportJob",
    "ImportRow",
    "Line",
    "Occasion",
    "SourceFilter",
    "StagedRow",
    "Template",
    "Undo",
    "UndoRow",
]
