"""Display names at the time a talk was published."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select

from db.models import PublishedName
from db.statements import Prepared

_OF_TALK = Prepared(select(PublishedName.member, PublishedName.name).where(PublishedName.talk == bindparam("talk")))


def put(connection: Connection, talk: int, names: Mapping[int, str]) -> None:
    """Keep these names (by QQ number) for a talk, in place of others."""
    forget(connection, talk)
    if names:
        rows = [{"talk": talk, "member": qq, "name": name} for qq, name in names.items()]
        connection.execute(insert(PublishedName), rows)


def forget(connection: Connection, talk: int) -> None:
    """Delete the names of a talk that is no longer published."""
    connection.execute(delete(PublishedName).where(PublishedName.talk == talk))


def of_talk(connection: Connection, talk: int) -> Mapping[int, str]:
    """The names by QQ number; none for a talk that is not published."""
    return {row[0]: row[1] for row in _OF_TALK.all(connection, talk=talk)}
