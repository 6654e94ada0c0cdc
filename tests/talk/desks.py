"""Visits to the desk, without any chat around them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from db.queries import pictures
from plugins._onebot.group import Account
from plugins._talk.links.share import read_shared
from plugins._talk.usecases import submissions
from plugins._talk.usecases.desk import AlreadyHandled, Desk, Refused, Rules, Visit, serve
from plugins._talk.usecases.submissions import Submission
from tests.people import GROUP, Clock

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Lobby:
    """Lets people come to the desk, each with a new message."""

    connection: Connection
    rules: Rules
    clock: Clock
    ids: "count[int]" = field(default_factory=lambda: count(1))

    record: str | None = None  # what the next visits are recorded as, for /undo

    def visit(self, who: Account, use_case: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        trusted = who.role in ("owner", "admin")
        visit = Visit(
            group_id=GROUP,
            message_id=next(self.ids),
            qq=who.user_id,
            card=who.card,
            trusted=trusted,
            said_at=self.clock(),
            record=self.record,
        )
        found = serve(self.connection, self.rules, visit, use_case, *args, **kwargs)
        if isinstance(found, Refused | AlreadyHandled):
            raise found
        return found

    def pictures(self, *names: str) -> list[str]:
        """Pictures that were fetched before a visit."""
        for name in names:
            pictures.put(self.connection, name, "image/png", b"picture", self.clock())
        return list(names)

    def submit(self, who: Account, section: str, text: str) -> Submission:
        found = self.rules.series.section(section)
        return self.visit(who, submissions.submit, found, read_shared(text, found, 20))
