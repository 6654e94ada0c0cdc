"""The rules against advertising, as configured in the series' TOML file."""

import re

from plugins._talk.hosts import is_within
from plugins._talk.links.canonical import Link
from plugins._talk.series import Advertising


def refusal(policy: Advertising, link: Link | None, sent: int, days: float | None) -> str | None:
    """The reason why a submission is rejected, in Chinese, or None.

    `sent` is the number of submissions by its sender within the policy's minutes, this one included; `days` is how long
    the sender has been in the group, None when unknown.
    """
    if link and any(is_within(link.host, host) for host in policy.blocked_hosts):
        return f"{link.host} 在本群不收的网站里"
    if policy.links and sent > policy.links:
        return f"{policy.minutes} 分钟内最多收 {policy.links} 条"
    if days is not None and days < policy.days_in_group:
        return f"进群满 {policy.days_in_group:g} 天才能投稿"
    return None


def blocked_in(policy: Advertising, text: str) -> str | None:
    """The first blocked host that a text contains, in a link or as a bare name, or None."""
    for host in policy.blocked_hosts:
        if re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-]|\.\w)", text, re.IGNORECASE):
            return host
    return None
