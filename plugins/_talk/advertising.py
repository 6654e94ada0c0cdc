"""Who is turned down: the community asks advertisers to stay away, and its TOML file says how."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from db.queries import items
from plugins._talk.desk import Desk, Refused
from plugins._talk.links import Link, find_links
from plugins._talk.series import Advertising


def refusal(policy: Advertising, link: Link | None, sent: int, days: float | None) -> str | None:
    """Why something is turned down, or None.

    `sent` counts what its sender sent within the policy's minutes, this included; `days` is how long they have been a
    member, None where nobody knows.
    """
    if link and any(link.host == host or link.host.endswith(f".{host}") for host in policy.blocked_hosts):
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


def must_be_welcome(desk: Desk, *texts: str, joined: datetime | None = None) -> None:
    """Refuse texts that would end in a document and that the rules turn down; admins are free of them.

    `joined` is when the visitor came into the group, where anybody asked.
    """
    if desk.visit.trusted:
        return
    policy = desk.series.advertising
    found = [each.link for text in texts for each in find_links(text)] if _limits_links(policy) else []
    days = (desk.visit.at - joined) / timedelta(days=1) if joined else None
    sent = sent_lately(desk) if found and policy.links else 0
    checks: Sequence[Link | None] = found or [None]
    for place, link in enumerate(checks):
        if why := refusal(policy, link, sent + place + 1 if found else 0, days):
            raise Refused(f"{why}，请和主持人商量")
    for text in texts:
        if host := blocked_in(policy, text):
            raise Refused(f"{host} 在本群不收的网站里，请和主持人商量")


def _limits_links(policy: Advertising) -> bool:
    return bool(policy.blocked_hosts or policy.links)


def sent_lately(desk: Desk) -> int:
    """How many links the visitor sent within the policy's minutes."""
    since = desk.visit.at - timedelta(minutes=desk.series.advertising.minutes)
    return items.sent_since(desk.connection, desk.member.qq, since)
