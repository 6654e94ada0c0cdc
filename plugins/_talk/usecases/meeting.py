"""Where a talk meets: /meeting. Use cases for the desk."""

from db.queries import talks
from db.queries.talks import TalkRow
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases.admission import must_be_welcome
from plugins._talk.usecases.desk import Desk, Refused
from plugins._talk.usecases.moderation import OFF

LONGEST = 200


def set_place(desk: Desk, where: str) -> TalkRow:
    """Say where the live talk, else the collecting one, meets; `取消` goes back to the series' place. Hosts only.

    Returns the talk. Raises Refused.
    """
    talk = desk.in_charge()
    if talk is None:
        talk = desk.discussing
        desk.must_host(talk)
    where = " ".join(where.split())
    if len(where) > LONGEST:
        raise Refused(f"会议地点最多 {LONGEST} 字，请短一点")
    must_be_welcome(desk, where)
    place = None if where.casefold() in OFF else where
    if place == talk.place:
        raise Refused(f"{talk_name(talk.number)} 期本来就是这样，没有变")
    talks.set_place(desk.connection, talk.number, place)
    return desk.find_talk(talk.number)
