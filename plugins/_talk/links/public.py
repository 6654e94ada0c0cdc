"""Which hosts and addresses are the open internet's: the rule that everything fetched for strangers goes by.

Sources: the IANA special-purpose registries (as Python's `ipaddress` knows them), RFC 6052 and 8215 (NAT64),
3056 (6to4), 4380 (Teredo), 5214 (ISATAP), and the WHATWG URL standard's "ends in a number".
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from plugins._talk.hosts import is_within

# Names that are never looked up outside a house.
_AT_HOME = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.I)

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_TRANSLATED = ip_network("::ffff:0:0:0/96")
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")  # within any network of one's own
_NEVER = [
    *map(ip_network, ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")),
    *map(
        ip_network, ("64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fec0::/10")
    ),
]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, and so does every address that is hidden in it."""
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
    """The IPv4 addresses that an IPv6 address stands for, by whichever way of writing one into the other."""
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
    """Whether a host as it stands in a URL can be anybody's: a name with a dot, or an address of the open internet.

    Numbers that browsers read as addresses (`127.1`, `0x7f.1`, `2130706433`) are not names.
    """
    host = host.rstrip(".").casefold()
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        return is_public(host)
    if any(is_within(host, each) for each in _AT_HOME):
        return False
    return "." in host and not _NUMBER.fullmatch(host.rpartition(".")[2])
