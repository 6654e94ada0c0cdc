"""Who contributed to a talk, gathered from what they did."""

from collections.abc import Sequence

from sqlalchemy import Connection

from db.queries import items, questions, remarks, sections, supporters
from db.queries.members import Person


def contributors(connection: Connection, talk: int) -> Sequence[Person]:
    """All who submitted, passed on, seconded, suggested, asked, answered, were quoted or filed quotes; each once."""
    listed = items.listed(connection, talk)
    said = remarks.of_talk(connection, talk)
    people = [
        *(person for item in listed for person in (item.submitter, item.via) if person),
        *(each.person for each in supporters.of_talk(connection, talk)),
        *(wish.by for wish in sections.suggestions(connection, talk)),
        *(question.asker for question in questions.of_talk(connection, talk) if question.first or question.answers),
        *(person for remark in said for person in (remark.author, remark.filed_by)),
    ]
    return list({person.qq: person for person in people}.values())
