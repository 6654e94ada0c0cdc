"""What was taken back is told to the other groups, and to them alone."""

from datetime import UTC, datetime, timedelta

from db.queries import deliveries, talks
from plugins._talk.deliveries import announcements
from plugins._talk.series import Series
from plugins._talk.usecases import evening, roles, undo
from plugins._talk.usecases.desk import only_seen
from tests.people import AKAI, GROUP, LINXI
from tests.talk.desks import Lobby
from tests.talk.test_deliveries import said

OTHER = GROUP + 1


def test_the_other_groups_hear_what_was_taken_back(lobby: Lobby, series: Series) -> None:
    lobby.visit(LINXI, only_seen)
    lobby.visit(LINXI, roles.claim, "主持人")
    lobby.submit(AKAI, "news", "https://a.com/1 甲")
    lobby.clock.at = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    lobby.visit(LINXI, evening.start)
    lobby.clock.forward(minutes=1)
    lobby.record = "/下一项"
    lobby.visit(LINXI, evening.go_on, "")
    lobby.record = None
    lobby.clock.forward(minutes=1)
    done = lobby.visit(LINXI, undo.undo, (GROUP, OTHER))
    assert done.change.said == "/下一项"
    assert done.on is None  # the opening again
    owed = [row for row in deliveries.newest(lobby.connection, 40) if row.kind == undo.KIND]
    assert [(row.group_id, row.until - row.due) for row in owed] == [(OTHER, timedelta(minutes=15))]
    talk = talks.by_number(lobby.connection, 4)
    assert talk is not None
    assert said(announcements.undone(lobby.connection, series, talk)) == "004 期：撤销了 林溪 的 /下一项"
