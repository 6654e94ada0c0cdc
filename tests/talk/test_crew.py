"""Roles as use cases: capacity, names, who may."""

import asyncio
from itertools import count

import pytest

from db.engine import Database
from db.queries import roles
from plugins._onebot.group import Account
from plugins._talk import crew
from plugins._talk.desk import House, Refused, Visit, serve
from tests.people import AKAI, GROUP, LINXI, MOMO, Clock
from tests.talk.desks import Lobby


def test_the_host_is_one_and_is_offered_the_editors_role(lobby: Lobby) -> None:
    done = lobby.visit(LINXI, crew.claim, "主持人")
    assert (done.talk.number, done.role.key, done.anew, done.editor_free) == (4, "host", True, True)
    assert lobby.visit(LINXI, crew.claim, "host").anew is False
    with pytest.raises(Refused, match="由 林溪 认领"):
        lobby.visit(AKAI, crew.claim, "主持")


def test_a_role_given_back_is_free_again(lobby: Lobby) -> None:
    lobby.visit(LINXI, crew.claim, "新闻")
    lobby.visit(AKAI, crew.claim, "新闻负责人")
    with pytest.raises(Refused, match="林溪、阿凯"):
        lobby.visit(MOMO, crew.claim, "news")
    assert lobby.visit(LINXI, crew.unclaim, "", [GROUP]).role.key == "news"
    assert lobby.visit(MOMO, crew.claim, "news").anew


def test_unclaim_without_words_asks_when_there_are_several(lobby: Lobby) -> None:
    with pytest.raises(Refused, match="还没有认领"):
        lobby.visit(LINXI, crew.unclaim, "", [GROUP])
    lobby.visit(LINXI, crew.claim, "主持人")
    lobby.visit(LINXI, crew.claim, "编辑")
    with pytest.raises(Refused, match="主持人、编辑"):
        lobby.visit(LINXI, crew.unclaim, "", [GROUP])
    with pytest.raises(Refused, match="不是你"):
        lobby.visit(AKAI, crew.unclaim, "编辑", [GROUP])


def test_an_unknown_role_lists_the_roles(lobby: Lobby) -> None:
    with pytest.raises(Refused, match=r"没有「打杂」.*主持人、编辑、新闻负责人"):
        lobby.visit(LINXI, crew.claim, "打杂")


def test_one_name_everywhere(lobby: Lobby) -> None:
    lobby.visit(LINXI, crew.claim, "主持人")
    assert lobby.visit(LINXI, crew.set_nick, "  羡 鱼\n🐟 ") == "羡 鱼 🐟"
    lines = {line.name: line for line in lobby.visit(AKAI, crew.show_roles, "")[1]}
    assert [person.name for person in lines["主持人"].holders] == ["羡 鱼 🐟"]
    for bad in ("", " \u202e ", "长" * 25):
        with pytest.raises(Refused, match="署名要"):
            lobby.visit(LINXI, crew.set_nick, bad)


async def test_capacity_holds_when_everybody_claims_at_once(db: Database, house: House, clock: Clock) -> None:
    ids = count(1)

    async def claim(who: Account) -> str:
        visit = Visit(GROUP, next(ids), who.user_id, who.card, trusted=False, at=clock())
        found = await db.write(serve, house, visit, crew.claim, "编辑")
        return "refused" if isinstance(found, Refused) else "claimed"

    crowd = [Account(n, f"n{n}") for n in range(1, 31)]
    outcomes = await asyncio.gather(*map(claim, crowd))
    assert sorted(outcomes) == ["claimed"] * 2 + ["refused"] * 28
    assert len((await db.read(roles.holders, 4))["editor"]) == 2
