"""What every endpoint of campaigns shares: the routes, and their permissions."""

from __future__ import annotations

from console.shell.rest.routes import Routes

EDIT = "campaigns.edit"
FREEZE = "campaigns.freeze"
routes = Routes("campaigns")
