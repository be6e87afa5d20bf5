"""`manage.py pause`: the action of that name on a campaign's page."""

from __future__ import annotations

from console.campaigns.management.verbs import Decision


class Command(Decision):
    """Carries it out in somebody's name."""

    action = "pause"
