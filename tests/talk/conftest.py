import pytest
from sqlalchemy import Connection

from plugins._talk.usecases.desk import Rules
from tests.people import Clock
from tests.talk.desks import Lobby


@pytest.fixture
def lobby(connection: Connection, rules: Rules, clock: Clock) -> Lobby:
    return Lobby(connection, rules, clock)
