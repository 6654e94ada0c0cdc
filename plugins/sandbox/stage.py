"""The sandbox's group: its members, the actions of the browser, and the data it displays."""

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from plugins._chat.config import SANDBOX_GROUP
from plugins._chat.outgoing.reactions import shown
from plugins._onebot.dialects import DIALECTS, Trouble
from plugins._onebot.group import Account, Group, Segment, Spoken, Stored
from plugins._onebot.implementation import Implementation
from plugins._onebot.player import Player
from plugins._onebot.script import Forward, read
from plugins._talk.calendar.slots import say_when
from plugins._talk.series import Series
from plugins.sandbox.clock import SandboxClock
from plugins.sandbox.view import View

BOT = Account(100_000_001, "小助手")
HOST = Account(10_002, "小满", "小满")
PEOPLE = (
    Account(10_001, "老徐", "群主-老徐", "owner"),
    HOST,
    Account(10_003, "Momo", "Momo"),
    Account(10_004, "林间小鹿", "算法-林溪"),
    Account(10_005, "CatGPT", "后端-阿凯"),
    Account(10_006, "路过的研究生 🌱"),
    Account(10_007, "羡鱼", "羡鱼", "admin"),
    Account(10_008, "suc16", "suc16"),
    Account(10_009, "初七", "初七"),
)
WEEK = Path(__file__).with_name("week.txt")
MOST_FORWARDED = 20
FARTHEST = timedelta(days=60)  # that the clock is set forward at once
_PICTURE = re.compile(r"data:image/(?P<kind>png|jpeg|gif|webp);base64,(?P<body>.+)", re.DOTALL)
Json = dict[str, Any]


class Stage:
    """The sandbox group of a series. `address` is the sandbox's own address.

    `next_talk` tells when the talk is that is on, or comes; `wake` lets the bot look at the clock that was set forward.
    """

    def __init__(
        self,
        address: str,
        series: Series,
        clock: SandboxClock,
        next_talk: Callable[[], Awaitable[datetime | None]],
        wake: Callable[[], None],
    ) -> None:
        self.address, self.series = address, series
        self.clock, self._next_talk, self._wake = clock, next_talk, wake
        self.host_role, self.pin = series.host.name, series.reactions.pin
        self.watchers: set[asyncio.Queue[Json]] = set()
        self.pictures: list[Stored] = []
        accounts = {account.user_id: account for account in (*PEOPLE, BOT)}
        # Ids start from the current time, so that they do not repeat those of an earlier run.
        first_id = int(clock.timestamp() * 1000)
        self.group = Group(
            group_id=SANDBOX_GROUP,
            name=f"{series.name} 沙盒群",
            accounts=accounts,
            first_id=first_id,
            now=clock.timestamp,
            watch=self._changed,
        )
        self.onebot = Implementation(BOT.user_id, self.group)
        self.view = View(self.group, BOT.user_id)
        self.player = Player(self.group, BOT.user_id, self._says, self._passes, self._set_forward)
        self._opened = False
        self._address: tuple[str, str | None] = ("", None)
        self._serving: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None

    def open(self, url: str, token: str | None) -> None:
        """Connect to the bot as its OneBot implementation."""
        self._address = url, token
        self._serving = asyncio.create_task(self.onebot.serve(url, token, retry=0.5))

    async def close(self) -> None:
        for task in (self._serving, self._playing):
            if task is not None:
                task.cancel()

    async def opening(self) -> None:
        """Let the host claim the evening, so that all commands can be tried at once."""
        await self.onebot.connected.wait()
        if not self._opened:
            self._opened = True
            await self.onebot.say(HOST.user_id, [_text(f"/认领 {self.host_role}")])

    # Actions of the browser

    async def act(self, wish: Json) -> None:
        """Carry out an action from the page, once the bot is connected."""
        if wish["do"] in self._settings:
            await self._settings[wish["do"]](wish)
            self._told_settings()
            return
        await self.onebot.connected.wait()
        person = int(wish["as"])
        if person == BOT.user_id or person not in self.group.accounts:
            return
        if wish["do"] == "recall":
            await self._recall(person, int(wish["id"]))
        elif wish["do"] == "react":
            await self._react(person, int(wish["id"]))
        elif wish["do"] == "forward":
            await self._forwards(person, [int(each) for each in wish["ids"]])
        elif wish["do"] == "say" and (segments := self._segments(wish)):
            await self.onebot.say(person, segments)

    @property
    def _settings(self) -> dict[str, Callable[[Json], Awaitable[None]]]:
        """What is no member's doing: the show, the clock, the implementation and its troubles."""
        return {
            "play": self._play,
            "stop": self._stop,
            "clock": self._clock,
            "dialect": self._dialect,
            "trouble": self._fail,
        }

    async def _play(self, wish: Json) -> None:
        await self._stop(wish)
        await self.onebot.connected.wait()
        speed = min(100.0, max(0.2, float(wish.get("speed") or 1)))
        script = read(WEEK.read_text("utf-8"))
        self._playing = asyncio.create_task(self.player.play(script, speed))
        self._playing.add_done_callback(lambda _: self._told_settings())

    async def _stop(self, _wish: Json) -> None:
        if self._playing is not None:
            self._playing.cancel()

    async def _clock(self, wish: Json) -> None:
        """Set the clock forward: to the next thing that the talk's week has, or by minutes."""
        minutes = int(wish.get("minutes") or 0)
        if 0 < minutes * 60 <= FARTHEST.total_seconds():
            self._moved(self.clock.now() + timedelta(minutes=minutes))
            return
        talk = await self._next_talk()
        ahead = [each for each in WEEKLY if talk is not None and self._moment(each, talk) > self.clock.now()]
        if talk is not None and ahead:
            self._moved(self._moment(ahead[0], talk))

    async def _dialect(self, wish: Json) -> None:
        """Play another implementation: it connects anew, so that the bot asks who it is."""
        self.onebot.dialect = DIALECTS[str(wish["name"])]
        if self._serving is not None:
            self._serving.cancel()
        self.onebot.connected.clear()
        self.open(*self._address)

    async def _fail(self, wish: Json) -> None:
        """Let something go wrong, or right again."""
        self.onebot.trouble = trouble = Trouble[str(wish["name"])]
        await self.onebot.mute(BOT.user_id, 2_592_000 if trouble is Trouble.MUTED else 0)
        await self.onebot.beat(online=trouble is not Trouble.OFFLINE)

    # What the script does

    async def _says(self, who: str, words: str) -> None:
        await self.onebot.say(self._called(who).user_id, self._spoken(words))

    async def _passes(self, who: str, count: int) -> None:
        said = [each for each in self.group.messages if each.user_id != BOT.user_id and each.recalled_by is None]
        await self._forwards(self._called(who).user_id, [each.message_id for each in said[-count:]])

    async def _set_forward(self, line: Forward) -> bool:
        talk = await self._next_talk()
        return talk is not None and self._moved(self._moment(line, talk))

    def _moment(self, line: Forward, talk: datetime) -> datetime:
        return line.moment(talk.astimezone(self.series.zone))

    def _moved(self, moment: datetime) -> bool:
        moved = self.clock.forward_to(moment)
        if moved:
            self._wake()
            self._told_settings()
        return moved

    def _called(self, who: str) -> Account:
        found = (each for each in PEOPLE if who in (each.card, each.nickname) or each.card.endswith(who))
        return next(found)

    async def _forwards(self, person: int, ids: list[int]) -> None:
        """Pass messages on as one merged forward, as QQ's clients do."""
        there = [found for each in ids[:MOST_FORWARDED] if (found := self.group.find(each)) is not None]
        if not there:
            return
        forward_id = self.group.keep_forward([self._passed_on(each) for each in there])
        await self.onebot.say(person, [{"type": "forward", "data": {"id": forward_id}}])

    def _passed_on(self, spoken: Spoken) -> Segment:
        account = self.group.accounts[spoken.user_id]
        named = {"user_id": str(account.user_id), "nickname": account.card or account.nickname, "time": spoken.time}
        return {"type": "node", "data": {**named, "content": spoken.segments}}

    async def _recall(self, person: int, message_id: int) -> None:
        message = self.group.find(message_id)
        boss = self.group.accounts[person].role in ("owner", "admin")
        if message is not None and (boss or message.user_id == person):
            await self.onebot.recall(message_id, person)

    async def _react(self, person: int, message_id: int) -> None:
        """Toggle the pin reaction on a message."""
        message = self.group.find(message_id)
        if message is not None:
            added = (self.pin, person) not in message.reactions
            await self.onebot.react(person, message_id, self.pin, added=added)

    def _segments(self, wish: Json) -> list[Segment]:
        segments: list[Segment] = []
        if wish.get("reply"):
            segments.append({"type": "reply", "data": {"id": str(int(wish["reply"]))}})
        if wish.get("card"):
            return [_card(wish["card"])]
        text = str(wish.get("text") or "")[:20_000]
        segments += self._spoken(text)
        if picture := _PICTURE.fullmatch(str(wish.get("picture") or "")):
            segments.append(self._picture(picture["kind"], base64.b64decode(picture["body"])))
        return segments if any(each["type"] != "reply" for each in segments) else []

    def _spoken(self, text: str) -> list[Segment]:
        """Convert typed text to segments: an @ before a member's name becomes an `at` segment."""
        there = {
            f"@{name}": each for each in self.group.accounts.values() for name in (each.nickname, each.card) if name
        }
        parts = re.split(f"({'|'.join(map(re.escape, sorted(there, key=len, reverse=True)))})", text)
        return [
            {"type": "at", "data": {"qq": str(there[part].user_id)}} if part in there else _text(part)
            for part in parts
            if part.strip()
        ]

    def _picture(self, kind: str, body: bytes) -> Segment:
        stored = Stored(str(len(self.pictures)), f"picture.{kind}", body)
        self.pictures.append(stored)
        url = f"{self.address}/files/{-len(self.pictures)}"
        return {"type": "image", "data": {"file": stored.name, "url": url, "sub_type": 0, "file_size": str(len(body))}}

    def stored(self, index: int) -> Stored | None:
        """A file of the group by index, or (-1, -2 …) a picture."""
        shelf, place = (self.pictures, -index - 1) if index < 0 else (self.group.files, index)
        return shelf[place] if place < len(shelf) else None

    # Data shown in the browser

    def everything(self) -> Json:
        return {
            "what": "everything",
            "group": self.group.name,
            "people": [{"id": each.user_id, "name": each.card or each.nickname, "role": each.role} for each in PEOPLE],
            "host": {"id": HOST.user_id, "role": self.host_role},
            "pin": shown(self.pin),
            "bot": {"id": BOT.user_id, "name": BOT.nickname},
            "messages": [self.view.message(each) for each in self.group.messages],
            "private": [self.view.private(i, *each) for i, each in enumerate(self.onebot.private)],
            "settings": self.settings(),
        }

    def settings(self) -> Json:
        """The clock, the implementation, what goes wrong, and whether the show is on."""
        playing = self._playing is not None and not self._playing.done()
        return {
            "now": say_when(self.clock.now(), self.series),
            "dialects": list(DIALECTS),
            "dialect": next(name for name, each in DIALECTS.items() if each is self.onebot.dialect),
            "troubles": [{"name": each.name, "told": each.value} for each in Trouble],
            "trouble": self.onebot.trouble.name,
            "playing": playing,
        }

    def _told_settings(self) -> None:
        self._tell({"what": "settings", "settings": self.settings()})

    def _tell(self, change: Json) -> None:
        for watcher in self.watchers:
            watcher.put_nowait(change)

    def _changed(self, what: str, thing: Any) -> None:
        self.player.spoken.set()
        if isinstance(thing, Spoken):
            self._tell({"what": what, "message": self.view.message(thing)})
        elif what == "private":
            self._tell({"what": "private", "message": self.view.private(len(self.onebot.private) - 1, *thing)})


# What a talk's week has, in order: the reminders, the agenda, the evening, the morning after.
WEEKLY = (
    Forward(-3, 20, 0, 0),
    Forward(-1, 20, 0, 0),
    Forward(None, 0, 0, -30),
    Forward(None, 0, 0, 0),
    Forward(1, 20, 0, 0),
)


def _text(text: str) -> Segment:
    return {"type": "text", "data": {"text": text}}


def _card(wish: Json) -> Segment:
    """A link card in QQ's format for links shared from another app."""
    news = {"title": str(wish["title"])[:200], "desc": str(wish.get("desc") or "")[:200], "tag": "链接"}
    card = {
        "app": "com.tencent.tuwen.lua",
        "view": "news",
        "prompt": f"[分享]{news['title']}",
        "meta": {"news": {**news, "jumpUrl": str(wish["url"])}},
    }
    return {"type": "json", "data": {"data": json.dumps(card, ensure_ascii=False)}}
