"""Limits on how much a talk takes of everything that people can send in, as the series sets them."""

from db.queries.counts import Counts
from plugins._talk.desk import Desk, Refused
from plugins._talk.series import Cap
from plugins._talk.talks import talk_name


def must_fit(desk: Desk, talk: int, cap: Cap, there: Counts, what: str, place: str = "", more: int = 1) -> None:
    """Refuse `more` of `what` (`place` is where, such as `这个版块`) beyond the cap; admins send in what they like."""
    name = talk_name(talk)
    if there.talk + more > cap.talk:
        raise Refused(f"{name} 期的{what}已经有 {there.talk} 个，收满了（最多 {cap.talk}）。留到下期吧")
    if desk.visit.trusted:
        return
    if there.each + more > cap.each:
        raise Refused(f"你在 {name} 期已经发过 {there.each} 个{what}，一个人最多 {cap.each} 个。留点给下期吧")
    if place and there.within + more > cap.within:
        raise Refused(f"{place}的{what}已经有 {there.within} 个，收满了（最多 {cap.within}）")
