"""Who is turned down: the community asks advertisers to stay away, and its TOML file says how."""

import re

from plugins._talk.hosts import is_within
from plugins._talk.links.canonical import Link
from plugins._talk.series import Advertising


def refusal(policy: Advertising, link: Link | None, sent: int, days: float | None) -> str | None:
    """Why something is turned down, or None.

    `sent` counts what its sender sent within the policy's minutes, this included; `days` is how long they have been a
    member, None where nobody knows.
    """
    if link and any(is_within(link.host, host) for host in policy.blocked_hosts):
        return f"{link.host} 在本群不收的网站里"
    if policy.links and sent > policy.links:
        return f"{policy.minutes} 分钟内最多收 {policy.links} 条"
    if days is not None and days < policy.days_in_group:
        return f"进群满 {policy.days_in_group:g} 天才能投稿"
    return None


def blocked_in(policy: Advertising, text: str) -> str | None:
    """A site that is not welcome and that a text names, as a link or by its bare name."""
    for host in policy.blocked_hosts:
        if re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-]|\.\w)", text, re.IGNORECASE):
            return host
    return None
