from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from db.engine import Database
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._chat.stores.drawings import Drawings
from plugins._talk.usecases.desk import Rules
from tests.chat.evening import Evening
from tests.chat.transcript import Chat
from tests.people import GROUP, Clock


@pytest.fixture
async def service(
    db: Database, rules: Rules, clock: Clock, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Service]:
    """A service of its own for each test: its database, its clock, nobody connected."""

    async def no_pause(_seconds: float) -> None:
        return None

    reader = Reader(None, rules.series.advertising)

    def elapsed() -> float:
        return clock().timestamp()

    opened = Service(
        rules=rules,
        db=db,
        groups=(GROUP,),
        bots=list,
        clock=clock,
        monotonic=elapsed,
        pause=no_pause,
        reader=reader,
        drawings=Drawings(tmp_path_factory.getbasetemp() / "drawn"),
        files=tmp_path / "files",
        kept_for=0.0,
    )
    open_service(opened)
    yield opened
    await reader.stop()


@pytest.fixture
async def evening(service: Service, clock: Clock) -> Evening:
    found = Evening(service, clock)
    await deliver_due(found.service)
    return found


@pytest.fixture
def chat(service: Service, clock: Clock) -> Chat:
    return Chat(Evening(service, clock, first_id=1_000))
