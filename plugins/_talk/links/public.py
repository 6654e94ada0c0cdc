"""Which hosts and IP addresses are on the public internet: the check before any URL from a chat is fetched.

Sources: the IANA special-purpose registries (as Python's `ipaddress` knows them), RFC 6052 and 8215 (NAT64),
3056 (6to4), 4380 (Teredo), 5214 (ISATAP), and the WHATWG URL standard's "ends in a number".
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from plugins._talk.hosts import is_within

# Names reserved for local networks.
_AT_HOME = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.I)

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_TRANSLATED = ip_network("::ffff:0:0:0/96")
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")  # interface identifiers, under any network prefix
_NEVER = [
    *map(ip_network, ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")),
    *map(
        ip_network, ("64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fec0::/10")
    ),
]


def is_public(address: str) -> bool:
    """Whether an IP address is public, and so is every IPv4 address embedded in it. False if it is no IP address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if inner := _inside(found):
            return all(is_public(str(each)) for each in inner)
        if found.packed[8:12] in _ISATAP and not is_public(str(IPv4Address(found.packed[-4:]))):
            return False
    if any(found in network for network in _NEVER if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast


def _inside(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses embedded in an IPv6 address (mapped, 6to4, Teredo, NAT64, translated, compatible)."""
    last = IPv4Address(address.packed[-4:])
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return list(address.teredo)
    return [last] if any(_has(network, address) for network in (_NAT64, _TRANSLATED, _COMPATIBLE)) else []


def _has(network: object, address: IPv6Address) -> bool:
    return isinstance(network, IPv6Network) and address in network


def can_be_public(host: str) -> bool:
    """Whether a URL's host can be public: a name with a dot that is not reserved, or a public IP address.

    Numbers that browsers parse as IPv4 addresses (`127.1`, `0x7f.1`, `2130706433`) are rejected.
    """
    host = host.rstrip(".").casefold()
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        return is_public(host)
    if any(is_within(host, each) for each in _AT_HOME):
        return False
    return "." in host and not _NUMBER.fullmatch(host.rpartition(".")[2])
