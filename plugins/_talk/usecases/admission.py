"""Checks before content is accepted: the caps of a talk, and the rules against advertising."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.queries import items
from db.queries.counts import Counts
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.advertising import blocked_in, refusal
from plugins._talk.links.canonical import Link, find_links
from plugins._talk.series import Advertising, Cap
from plugins._talk.usecases.desk import Desk, Refused


def must_be_welcome(desk: Desk, *texts: str, joined: datetime | None = None) -> None:
    """Refuse texts for a document that break the advertising rules; admins are exempt. Raises Refused.

    `joined` is when the visitor joined the group, None when that was not looked up.
    """
    if desk.visit.trusted:
        return
    policy = desk.series.advertising
    found = [each.link for text in texts for each in find_links(text)] if _limits_links(policy) else []
    days = (desk.visit.said_at - joined) / timedelta(days=1) if joined else None
    sent = sent_lately(desk) if found and policy.links else 0
    checks: Sequence[Link | None] = found or [None]
    for place, link in enumerate(checks):
        if why := refusal(policy, link, sent + place + 1 if found else 0, days):
            raise Refused(f"{why}，请和{desk.series.host.name}商量")
    for text in texts:
        if host := blocked_in(policy, text):
            raise Refused(f"{host} 在本群不收的网站里，请和{desk.series.host.name}商量")


def _limits_links(policy: Advertising) -> bool:
    return bool(policy.blocked_hosts or policy.links)


def sent_lately(desk: Desk) -> int:
    """How many links the visitor sent within the policy's minutes."""
    since = desk.visit.said_at - timedelta(minutes=desk.series.advertising.minutes)
    return items.sent_since(desk.connection, desk.member.qq, since)


def must_fit(desk: Desk, talk: int, cap: Cap, there: Counts, what: str, place: str = "", more: int = 1) -> None:
    """Refuse `more` of `what` beyond the cap; `there` are the current counts. For admins only the talk's total counts.

    `place` names the section, item or question that `cap.within` limits, such as `这个版块`. Raises Refused.
    """
    name = talk_name(talk)
    if there.talk + more > cap.talk:
        raise Refused(f"{name} 期的{what}已经有 {there.talk} 个，收满了（最多 {cap.talk}）。留到下期吧")
    if desk.visit.trusted:
        return
    if there.each + more > cap.each:
        raise Refused(f"你在 {name} 期已经发过 {there.each} 个{what}，一个人最多 {cap.each} 个。留点给下期吧")
    if place and there.within + more > cap.within:
        raise Refused(f"{place}的{what}已经有 {there.within} 个，收满了（最多 {cap.within}）")
