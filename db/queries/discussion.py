"""The messages that have to do with questions and remarks."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from db.enums import MessagePart
from db.models import DiscussionMessage


def of_message(
    connection: Connection, group_id: int, message_id: int, part: MessagePart | None = None
) -> tuple[Sequence[int], Sequence[int]]:
    """The questions and the remarks (by id) that a message has to do with, or only those in which it has this part."""
    query = select(DiscussionMessage.question, DiscussionMessage.remark).where(
        DiscussionMessage.group_id == group_id, DiscussionMessage.message_id == message_id
    )
    rows = connection.execute(query if part is None else query.where(DiscussionMessage.part == part)).all()
    return (
        sorted(question for question, _ in rows if question is not None),
        sorted(remark for _, remark in rows if remark is not None),
    )


def speaks_of(
    connection: Connection,
    group_id: int,
    message_id: int,
    questions: Sequence[int] = (),
    remarks: Sequence[int] = (),
    part: MessagePart = MessagePart.SPEAKS,
) -> None:
    """From now on a reply to this message means these questions and remarks; what it did before stays so."""
    if not questions and not remarks:
        return
    known_questions, known_remarks = of_message(connection, group_id, message_id)
    new = [
        *((each, None) for each in dict.fromkeys(questions) if each not in known_questions),
        *((None, each) for each in dict.fromkeys(remarks) if each not in known_remarks),
    ]
    if new:
        message = {"group_id": group_id, "message_id": message_id, "part": part}
        connection.execute(
            insert(DiscussionMessage), [{**message, "question": question, "remark": remark} for question, remark in new]
        )


def alias_message(connection: Connection, group_id: int, message_id: int, other_id: int) -> None:
    """Another account knows this message by another id: that one means the same."""
    for part in MessagePart:
        questions, remarks = of_message(connection, group_id, message_id, part)
        speaks_of(connection, group_id, other_id, questions, remarks, part)
