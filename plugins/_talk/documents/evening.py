"""A talk's agenda with the turns of its clock, read from the database."""

from sqlalchemy import Connection

from db.queries import items, turns
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.item_titles import title_of
from plugins._talk.documents.running_order import Evening
from plugins._talk.series import Series


def evening_of(connection: Connection, series: Series, number: int) -> Evening:
    """The current agenda and turns of a talk. Raises LookupError for an unknown talk."""
    agenda, seen = compile_agenda(connection, series, number), turns.of_talk(connection, number)
    there = {item.id for section in agenda.sections for item in section.items}
    gone = items.by_ids(connection, [turn.item for turn in seen if turn.item is not None and turn.item not in there])
    return Evening(agenda, seen, {item.id: title_of(item) for item in gone.values()})
