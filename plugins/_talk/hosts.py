"""Host names."""


def is_within(host: str, domain: str) -> bool:
    """Whether a host is this domain or below it; both in lower case."""
    return host == domain or host.endswith(f".{domain}")
