"""The sandbox's group: its members, the actions of the browser, and the data it displays."""

import asyncio
import base64
import json
import re
import time
from typing import Any, cast

from plugins._chat.config import SANDBOX_GROUP
from plugins._chat.outgoing.reactions import shown
from plugins._onebot.group import Account, Group, Segment, Spoken, Stored
from plugins._onebot.implementation import Implementation
from plugins._talk.series import Series

BOT = Account(100_000_001, "小助手")
HOST = Account(10_002, "小满", "小满")
PEOPLE = (
    Account(10_001, "老徐", "群主-老徐", "owner"),
    HOST,
    Account(10_003, "Momo", "Momo"),
    Account(10_004, "林间小鹿", "算法-林溪"),
    Account(10_005, "CatGPT", "后端-阿凯"),
    Account(10_006, "路过的研究生 🌱"),
)
_PICTURE = re.compile(r"data:image/(?P<kind>png|jpeg|gif|webp);base64,(?P<body>.+)", re.DOTALL)
Json = dict[str, Any]


class Stage:
    """The sandbox group of a series. `address` is the sandbox's own address."""

    def __init__(self, address: str, series: Series) -> None:
        self.address = address
        self.host_role, self.pin = series.host.name, series.reactions.pin
        self.watchers: set[asyncio.Queue[Json]] = set()
        self.pictures: list[Stored] = []
        accounts = {account.user_id: account for account in (*PEOPLE, BOT)}
        # Ids start from the current time, so that they do not repeat those of an earlier run.
        first_id = int(time.time() * 1000)
        self.group = Group(
            group_id=SANDBOX_GROUP,
            name=f"{series.name} 沙盒群",
            accounts=accounts,
            first_id=first_id,
            now=time.time,
            watch=self._changed,
        )
        self.onebot = Implementation(BOT.user_id, self.group)
        self._opened = False
        self._playing: asyncio.Task[None] | None = None

    def open(self, url: str, token: str | None) -> None:
        """Connect to the bot as its OneBot implementation."""
        self._playing = asyncio.create_task(self.onebot.serve(url, token, retry=0.5))

    async def close(self) -> None:
        if self._playing is not None:
            self._playing.cancel()

    async def opening(self) -> None:
        """Let the host claim the evening, so that all commands can be tried at once."""
        await self.onebot.connected.wait()
        if not self._opened:
            self._opened = True
            await self.onebot.say(HOST.user_id, [_text(f"/认领 {self.host_role}")])

    # Actions of the browser

    async def act(self, wish: Json) -> None:
        """Carry out an action from the page, once the bot is connected."""
        await self.onebot.connected.wait()
        person = int(wish["as"])
        if person == BOT.user_id or person not in self.group.accounts:
            return
        if wish["do"] == "recall":
            await self._recall(person, int(wish["id"]))
        elif wish["do"] == "react":
            await self._react(person, int(wish["id"]))
        elif wish["do"] == "say" and (segments := self._segments(wish)):
            await self.onebot.say(person, segments)

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
            "messages": [self._shown(each) for each in self.group.messages],
        }

    def _changed(self, what: str, thing: Any) -> None:
        if isinstance(thing, Spoken):
            for watcher in self.watchers:
                watcher.put_nowait({"what": what, "message": self._shown(thing)})

    def _shown(self, spoken: Spoken) -> Json:
        gone = spoken.recalled_by is not None
        return {
            "id": spoken.message_id,
            "time": spoken.time,
            "from": spoken.user_id,
            "recalled": gone,
            "reactions": [shown(emoji) for emoji, _ in spoken.reactions],
            "parts": [] if gone else [self._part(segment) for segment in spoken.segments],
        }

    def _part(self, segment: Segment) -> Json:
        data: Json = segment["data"]
        match segment["type"]:
            case "text":
                return {"type": "text", "text": data["text"]}
            case "at":
                account = self.group.accounts.get(int(data["qq"])) if str(data["qq"]).isdigit() else None
                return {"type": "at", "name": (account.card or account.nickname) if account else str(data["qq"])}
            case "reply":
                return {"type": "reply", "id": int(data["id"])}
            case "image":
                return {"type": "image", "url": _picture_address(data)}
            case "json":
                news = cast(Json, json.loads(data["data"]))["meta"]["news"]
                return {"type": "card", "title": news["title"], "desc": news["desc"], "url": news["jumpUrl"]}
            case "forward":
                nodes = [node["data"] for node in self.group.forwards.get(data["id"], [])]
                return {"type": "forward", "nodes": [_node(node) for node in nodes]}
            case "file":
                place = next(i for i, each in enumerate(self.group.files) if each.file_id == data["file_id"])
                url = f"/sandbox/files/{place}"
                return {"type": "file", "name": data["file"], "size": int(data["file_size"]), "url": url}
            case other:
                return {"type": "text", "text": f"[{other}]"}


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


def _picture_address(data: Json) -> str:
    file = str(data.get("file", ""))
    if file.startswith("base64://"):
        return f"data:image/png;base64,{file.removeprefix('base64://')}"
    return str(data.get("url", ""))


def _node(data: Json) -> Json:
    content = cast(list[Segment], data["content"])
    return {"name": data["nickname"], "text": "".join(str(each["data"].get("text", "")) for each in content)}
