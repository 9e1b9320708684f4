"""What is kept of a visitor: enough to tell visits apart, too little to find a household."""

from __future__ import annotations

import ipaddress


def coarse(address: str) -> str:
    """The network of an address: /24 of IPv4, /48 of IPv6; "" for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
