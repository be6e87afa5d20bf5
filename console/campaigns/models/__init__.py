"""Tables of campaigns."""

from __future__ import annotations

from console.campaigns.models.amendment import Amendment
from console.campaigns.models.announcement import Announcement
from console.campaigns.models.approval import BreakGlass, RiskTable
from console.campaigns.models.campaign import Campaign
from console.campaigns.models.decided import Approval
from console.campaigns.models.desk import Decision, Dependency
from console.campaigns.models.footprint import Footprint
from console.campaigns.models.freeze import Freeze
from console.campaigns.models.imports import ImportJob, ImportRow, StagedRow
from console.campaigns.models.law import KeptLaw
from console.campaigns.models.line import Line
from console.campaigns.models.market import Channel, Market, MarketCountry, Outlet
from console.campaigns.models.occasion import Occasion
from console.campaigns.models.owner import PriceOwner
from console.campaigns.models.source import SourceFilter
from console.campaigns.models.template import Template
from console.campaigns.models.undo import Undo, UndoRow

__all__ = [
    "Amendment",
    "Announcement",
    "Approval",
    "BreakGlass",
    "Campaign",
    "Channel",
    "Decision",
    "Dependency",
    "Footprint",
    "Freeze",
    "ImportJob",
    "ImportRow",
    "KeptLaw",
    "Line",
    "Market",
    "MarketCountry",
    "Occasion",
    "Outlet",
    "PriceOwner",
    "RiskTable",
    "SourceFilter",
    "StagedRow",
    "Template",
    "Undo",
    "UndoRow",
]
