"""Plain HTTP calls of tests to servers on this machine.

`httpx2.get` and its kin read all root certificates for each call; this one client has
none. Like theirs, its connections are not used twice, and it keeps no cookies.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

http = httpx2.Client(
    verify=False,
    trust_env=False,
    limits=httpx2.Limits(max_keepalive_connections=0, max_connections=None),
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
)
