"""The web server: every page, form and REST endpoint, over WSGI."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from config.env import env
from config.settle import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

env.check_keys()
application = get_wsgi_application()
settle()
