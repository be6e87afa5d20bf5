"""Which network addresses the outside world may have: public ones, by IANA's lists."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# iana.org/assignments/iana-ipv4-special-registry and …-ipv6-special-registry, read
# 2026-11. Not `is_global`: Python calls NAT64 64:ff9b::7f00:1 (127.0.0.1) global.
_V4 = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
)
_V6 = (
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("100::/64", "discard-only"),
    ("2001::/23", "reserved"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
)
_LISTED = [(ip_network(net), why) for net, why in (*_V4, *_V6)]
_V6_UNICAST = ip_network("2000::/3")


def why_not(spelled: str) -> str:
    """Say why an address may not be dialled; empty if it may."""
    address = ip_address(spelled.partition("%")[0])
    for network, why in _LISTED:
        if address.version == network.version and address in network:
            return why
    if address.version == 6 and address not in _V6_UNICAST:
        return "not public"
    return ""
