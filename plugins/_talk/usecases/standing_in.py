"""Standing in for a host who does not come, so that no evening fails for one person. Use cases for the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import chats, members, roles, stand_ins, talks
from db.queries.members import Person
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series
from plugins._talk.usecases.desk import Desk, Refused, Rules, Visit, open_desk

PATIENCE = timedelta(minutes=10)  # so long a host may be silent
AROUND = timedelta(minutes=1)  # before its time: what a host says from then on counts


@dataclass(frozen=True)
class Offered:
    """A member who would run a talk, as soon as another member agrees."""

    talk: TalkRow
    member: Person


def offer(desk: Desk) -> Offered:
    """Offer to run the live talk whose host is silent. Raises Refused."""
    talk, now = desk.live, desk.visit.said_at
    if talk is None:
        raise Refused(f"现在没有进行中的活动。以后的{desk.series.host.name}发 /认领 {desk.series.host.name}")
    hosts = roles.holders(desk.connection, talk.number).get(desk.series.host.key, ())
    if desk.is_among(hosts):
        raise Refused(f"你就是 {talk_name(talk.number)} 期的{desk.series.host.name}，发 /开始 就好")
    if now < talk.scheduled_at + PATIENCE:
        raise Refused(f"再等一等：开场 {PATIENCE // timedelta(minutes=1)} 分钟后{desk.series.host.name}还没出现再代")
    known = stand_ins.of_talk(desk.connection, talk.number)
    if known is not None and known.in_charge and known.member.qq != desk.member.qq:
        raise Refused(f"{known.member.name} 已经在代主持了")
    there = talk.host_seen_at is not None and now - talk.host_seen_at < PATIENCE
    if there or chats.commanded_since(desk.connection, [each.qq for each in hosts], now - PATIENCE):
        raise Refused(f"{desk.series.host.name} {'、'.join(each.name for each in hosts)} 刚才还在，先问问再说")
    message = (desk.visit.group_id, desk.visit.message_id)
    stand_ins.claim(desk.connection, talk.number, desk.member.qq, message, now)
    return Offered(talk, desk.member)


def agree(connection: Connection, rules: Rules, visit: Visit, message_id: int) -> Offered | None:
    """Agree to the offer that a message is (or that the bot's answer to it is); None if it is none.

    None also for one's own offer, and for one that somebody agreed to.
    """
    found = stand_ins.of_message(connection, visit.group_id, message_id)
    if found is None or found.agreed_at is not None or found.member.qq == visit.qq:
        return None
    desk = open_desk(connection, rules, visit)
    if desk.live is None or desk.live.number != found.talk:
        return None
    stand_ins.agree(connection, found.talk, desk.member.qq, visit.said_at)
    return Offered(desk.live, Person(found.member.qq, members.name_of(connection, found.member.qq)))


def agree_by_word(desk: Desk, message_id: int | None) -> Offered | None:
    """The same in words, where there are no reactions; without a message to the offer that is open."""
    if message_id is None and desk.live is not None:
        known = stand_ins.of_talk(desk.connection, desk.live.number)
        message_id = known.message_id if known and known.group_id == desk.visit.group_id else None
    return None if message_id is None else agree(desk.connection, desk.rules, desk.visit, message_id)


def awaited(connection: Connection, series: Series, now: datetime) -> Mapping[int, int]:
    """The hosts of a talk whose time has come and that nobody has started: their QQ numbers, with the talk's."""
    found: dict[int, int] = {}
    for talk in talks.unfinished(connection):
        if talk.started_at is None and talk.scheduled_at - AROUND <= now and talk.state != TalkState.CANCELLED:
            hosts = roles.holders(connection, talk.number).get(series.host.key, ())
            found |= {person.qq: talk.number for person in hosts}
    return found


def is_missed(talk: TalkRow) -> bool:
    """Whether the hosts of a talk have said nothing since its time, and nobody has started it."""
    seen = talk.host_seen_at is not None and talk.host_seen_at >= talk.scheduled_at - AROUND
    return talk.state == TalkState.LIVE and talk.started_at is None and not seen
