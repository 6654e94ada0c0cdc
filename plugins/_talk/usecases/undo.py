"""/undo: taking back the last thing that a host, editor or lead did. Use cases for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.enums import TalkState
from db.queries import changes, deliveries
from db.queries.changes import ChangeRow
from plugins._talk.documents.evening import evening_of
from plugins._talk.documents.running_order import Stop
from plugins._talk.usecases.desk import Desk, Refused

WITHIN = timedelta(minutes=30)
KIND = "undone"
USEFUL = timedelta(minutes=15)


@dataclass(frozen=True)
class Undone:
    """What was taken back, what is on now if the talk is live, and how much more could be taken back."""

    change: ChangeRow
    on: Stop | None
    more: int


def recent(desk: Desk) -> Sequence[ChangeRow]:
    """What was done within the time in which it can be taken back, the newest first."""
    return changes.since(desk.connection, desk.visit.said_at - WITHIN)


def undo(desk: Desk, groups: Sequence[int]) -> Undone:
    """Take back the newest doing that the visitor may take back: their own, or one in their talk or section.

    The other `groups` are told. Raises Refused, also where somebody has built on it since.
    """
    now = desk.visit.said_at
    mine = [each for each in recent(desk) if _may_undo(desk, each)]
    if not mine:
        minutes = WITHIN // timedelta(minutes=1)
        raise Refused(f"最近 {minutes} 分钟里没有你能撤销的操作。自己投的稿和提的问题发 /撤回")
    change = mine[0]
    desk.must_be_open(change.talk)
    if not changes.take_back(desk.connection, change, desk.member.qq, now):
        clock = f"{change.done_at.astimezone(desk.series.zone):%H:%M}"
        raise Refused(f"{clock} {change.member.name} 的 {change.said} 之后又有了新的改动，撤不了，什么都没动")
    for group in groups:
        if group != desk.visit.group_id:  # in this group the reply says it
            deliveries.owe(desk.connection, change.talk, KIND, group, now, now + USEFUL)
    talk = desk.find_talk(change.talk)
    on = evening_of(desk.connection, desk.series, talk.number).current if talk.state == TalkState.LIVE else None
    return Undone(change, on, len(mine) - 1)


def _may_undo(desk: Desk, change: ChangeRow) -> bool:
    if change.member.qq == desk.member.qq:
        return True
    talk = desk.find_talk(change.talk)
    return desk.may_decide(talk, change.section) if change.section else desk.is_host(talk)
