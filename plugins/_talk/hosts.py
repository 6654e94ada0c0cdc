"""Host names."""

from urllib.parse import urlsplit


def is_within(host: str, domain: str) -> bool:
    """Whether a host is this domain or below it; both in lower case."""
    return host == domain or host.endswith(f".{domain}")


def host_of(url: str) -> str:
    """The host of an address, "" for none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
