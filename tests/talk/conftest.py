import pytest
from sqlalchemy import Connection

from plugins._talk.usecases.desk import House
from tests.people import Clock
from tests.talk.desks import Lobby


@pytest.fixture
def lobby(connection: Connection, house: House, clock: Clock) -> Lobby:
    return Lobby(connection, house, clock)
