"""Tables of campaigns."""

from __future__ import annotations

from console.campaigns.models.announcement import Announcement
from console.campaigns.models.campaign import Approval, Campaign, Line, Occasion
from console.campaigns.models.footprint import Footprint
from console.campaigns.models.freeze import Freeze
from console.campaigns.models.imports import ImportJob, ImportRow, StagedRow

__all__ = [
    "Announcement",
    "Approval",
    "Campaign",
    "Footprint",
    "Freeze",
    "ImportJob",
    "ImportRow",
    "Line",
    "Occasion",
    "StagedRow",
]
