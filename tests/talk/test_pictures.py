"""The pictures: their size, what they show of what people wrote, and that the same agenda is the same picture."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins._chat.stores.drawings import Drawings
from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.render import picture
from plugins._talk.render.picture import TALLEST, WIDTH, agenda_data, agenda_picture, timeline_picture
from plugins._talk.usecases.desk import ItemRef
from plugins._talk.usecases.moderation import retitle
from tests.people import AKAI, MOMO
from tests.talk.desks import Lobby
from tests.talk.worst_cases import CASES, PAGE, an_evening, compiled, one_item, sixty_items


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_every_picture_is_as_wide_as_a_phone_and_none_is_too_tall(lobby: Lobby, case: Callable[[Lobby], None]) -> None:
    drawn = agenda_picture(compiled(lobby, case), 100, PAGE)
    assert {size(each)[0] for each in drawn.document} == {WIDTH}
    assert all(size(each)[1] <= TALLEST for each in drawn.document)
    assert len(drawn.document) == (2 if case is sixty_items else 1)
    assert bool(drawn.warnings)  # all of these have something that the host should look at


def test_an_enormous_talk_is_drawn_in_as_many_as_it_needs(lobby: Lobby) -> None:
    for place in range(200):
        lobby.submit(MOMO, "news", f"https://a.com/{place} {'很长的标题' * 12} {place}")
    drawn = agenda_picture(compile_agenda(lobby.connection, lobby.rules.series, 4), 100, None).document
    assert len(drawn) > 2
    assert all(size(each)[1] <= TALLEST for each in drawn)


def test_a_timeline_is_one_picture(lobby: Lobby) -> None:
    drawn = timeline_picture("OpenLLM Talk 004", an_evening(lobby))
    assert [size(each)[0] for each in drawn.document] == [WIDTH]
    assert drawn.warnings == ("本周新闻超时 6 分钟", "本周经典超时 6 分钟")


def test_long_tokens_may_be_broken_and_nothing_steers(lobby: Lobby) -> None:
    lobby.submit(AKAI, "news", f"https://a.com/1 {'x' * 40} \u202e\u0007倒过来")
    data = agenda_data(compile_agenda(lobby.connection, lobby.rules.series, 4), 100, None)
    title = data["sections"][0]["groups"][0]["items"][0]["title"]
    assert title == "\u200b".join(["x" * 8] * 5) + " 倒过来"


async def test_the_same_agenda_is_drawn_once(lobby: Lobby, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = Drawings(tmp_path / "drawn")
    agenda = compiled(lobby, one_item)
    first = await drawings.agenda(agenda, 100, PAGE)
    assert [each.read_bytes() for each in files(tmp_path / "drawn")] == list(first)

    def no_more(*_: object) -> bytes:
        raise AssertionError("drawn again")

    monkeypatch.setattr("plugins._talk.render.picture._draw", no_more)
    assert list(await Drawings(tmp_path / "drawn").agenda(agenda, 100, PAGE)) == list(first)
    monkeypatch.undo()
    lobby.visit(MOMO, retitle, ItemRef(1), "别的标题")
    await drawings.agenda(compile_agenda(lobby.connection, lobby.rules.series, 4), 100, PAGE)
    assert len(files(tmp_path / "drawn")) == 2


async def test_a_part_of_two_pictures_that_is_lost_is_drawn_again(lobby: Lobby, tmp_path: Path) -> None:
    drawings = Drawings(tmp_path)
    agenda = compiled(lobby, sixty_items)
    both = await drawings.agenda(agenda, 100, None)
    files(tmp_path)[1].unlink()
    assert list(await drawings.agenda(agenda, 100, None)) == list(both)
    assert len(files(tmp_path)) == 2


def test_all_fonts_come_along_with_their_licence() -> None:
    folder = Path(picture.__file__).with_name("fonts")
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text("utf-8")
    assert (folder / "NotoColorEmoji.ttf").stat().st_size > 5_000_000


def test_what_goes_to_the_template_is_json_and_no_markup(lobby: Lobby) -> None:
    lobby.submit(AKAI, "news", 'https://a.com/1 #panic("x") *b* $ \\ " </script>')
    data = agenda_data(compile_agenda(lobby.connection, lobby.rules.series, 4), 100, PAGE)
    assert json.loads(json.dumps(data))["sections"][0]["groups"][0]["items"][0]["title"].startswith('#panic("x") *b*')
    assert len(agenda_picture(compile_agenda(lobby.connection, lobby.rules.series, 4), 100, PAGE).document) == 1
