"""A database and pictures of the version before are brought up with everything in them."""

import asyncio
import gzip
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from db.engine import Database
from db.opening import open_database
from db.queries import carryovers, invitations, items, pictures, questions, talks
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.series_file import load_series
from tests.people import MONDAY

SATURDAY = MONDAY + timedelta(days=5, hours=9)
BEFORE = Path(__file__).with_name("version_0007")  # an evening played by that version, with its folder of pictures
CURVE, SHOT, TABLE, QR = (
    f"{digest}.png"
    for digest in (
        "7652a8e30e3700dbcd1f4dee3573d643",
        "464073bbb986bdce2ac00d9e4320f1d0",
        "5a675f528d5347423e63365c7d3c26c2",
        "7e603b7600e7e81e1629c1ac0cbac461",
    )
)
TRIGGERS = text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")


@pytest.fixture
def brought_up(tmp_path: Path) -> Database:
    path = tmp_path / "talk.db"
    path.write_bytes(gzip.decompress((BEFORE / "talk.db.gz").read_bytes()))
    folder = shutil.copytree(BEFORE / "pictures", tmp_path / "pictures")
    return open_database(f"sqlite:///{path}", folder)


def test_an_evening_of_the_version_before(brought_up: Database) -> None:
    def look(connection: Connection) -> None:
        for name in (CURVE, SHOT, TABLE, QR):
            kept = pictures.get(connection, name)
            assert kept is not None
            assert (kept.type, kept.content) == ("image/png", (BEFORE / "pictures" / name).read_bytes())
        minutes = compile_minutes(connection, load_series(), 4, SATURDAY)
        assert {CURVE, SHOT, TABLE, QR} == set(minutes.pictures)
        newest = invitations.latest(connection)
        assert newest
        assert newest.picture == QR
        talk = talks.by_number(connection, 4)
        assert talk
        assert (talk.scheduled_at, talk.state) == (SATURDAY, "held")
        assert [each.number for each in questions.of_talk(connection, 5)] == [1]
        (carried,) = carryovers.from_talk(connection, 4)
        assert items.by_ids(connection, [carried])[carried].talk == 5
        assert connection.execute(TRIGGERS).scalar_one() == 10  # nine for the search index, one for members' addresses

    asyncio.run(brought_up.read(look))
    brought_up.close()


def test_what_was_no_picture_or_is_lost_is_said_to_be(brought_up: Database) -> None:
    """One had been a WAV file called .webp, the file of the other was removed by hand."""

    def look(connection: Connection) -> list[str]:
        agenda = compile_agenda(connection, load_series(), 5)
        (item,) = [item for section in agenda.sections for item in section.items if item.number == 1]
        return [each.text for each in item.texts]

    assert asyncio.run(brought_up.read(look)) == ["（图片已丢失）", "（图片已丢失）"]
    brought_up.close()
