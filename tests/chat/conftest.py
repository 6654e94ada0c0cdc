from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from nonebug import App

from db.engine import Database
from plugins._chat.deliveries.deliverer import deliver_due
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._chat.stores.drawings import Drawings
from plugins._chat.stores.pictures import PictureStore
from plugins._talk.usecases.desk import House
from tests.chat.evening import Evening
from tests.chat.transcript import Chat
from tests.people import GROUP, Clock


@pytest.fixture
async def service(
    db: Database, house: House, clock: Clock, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Service]:
    """A service of its own for each test: its database, its clock, nobody connected."""

    async def no_pause(_seconds: float) -> None:
        return None

    reader = Reader(None, house.series.advertising)
    pictures = PictureStore(tmp_path / "pictures")

    def elapsed() -> float:
        return clock().timestamp()

    opened = Service(house, db, (GROUP,), pictures, clock, no_pause, list, reader, monotonic=elapsed)
    opened.drawings, opened.files = Drawings(tmp_path_factory.getbasetemp() / "drawn"), tmp_path / "files"
    open_service(opened)
    yield opened
    await reader.stop()


@pytest.fixture
async def evening(service: Service, clock: Clock) -> Evening:
    found = Evening(service, clock)
    await deliver_due(found.service)
    return found


@pytest.fixture
def chat(app: App, service: Service, clock: Clock) -> Chat:
    return Chat(app, clock)
