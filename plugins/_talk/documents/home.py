"""What a visitor of the pages sees first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import TalkState
from db.queries import talks
from plugins._talk.documents.agenda import Agenda, compile_agenda
from plugins._talk.documents.invitation import JoinCode, way_in
from plugins._talk.documents.listing import TalkLine, talk_lines
from plugins._talk.documents.private_numbers import without_numbers
from plugins._talk.series import Series

LAST = 3  # talks that are over


@dataclass(frozen=True, kw_only=True)
class Home:
    """The talk that is on, the next one, and the last ones; how people join."""

    live: Agenda | None
    coming: Agenda | None
    last: tuple[TalkLine, ...]
    invitation: JoinCode | None


def home(connection: Connection, series: Series, now: datetime) -> Home:
    """What a visitor sees first."""
    unfinished = talks.unfinished(connection)
    by_state = {talk.state: talk.number for talk in reversed(unfinished)}
    agendas = {state: compile_agenda(connection, series, number) for state, number in by_state.items()}
    over = [talk for talk in talks.newest(connection, LAST + len(unfinished)) if talk not in unfinished]
    last = without_numbers(connection, talk_lines(connection, series, over[:LAST]))
    return Home(
        live=agendas.get(TalkState.LIVE),
        coming=agendas.get(TalkState.COLLECTING),
        last=last,
        invitation=way_in(connection, series, now).invitation,
    )
