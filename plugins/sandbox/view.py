"""What the browser is shown of the group's messages, as JSON."""

import json
from typing import Any, cast

from plugins._chat.outgoing.reactions import shown
from plugins._onebot.group import Group, Segment, Spoken

Json = dict[str, Any]


class View:
    """The messages of a group as the page draws them; `bot` is the bot's account."""

    def __init__(self, group: Group, bot: int) -> None:
        self._group, self._bot = group, bot

    def message(self, spoken: Spoken) -> Json:
        """A message in the group."""
        gone = spoken.recalled_by is not None
        return {
            "id": spoken.message_id,
            "time": spoken.time,
            "from": spoken.user_id,
            "recalled": gone,
            "reactions": [shown(emoji) for emoji, _ in spoken.reactions],
            "parts": [] if gone else [self._part(segment) for segment in spoken.segments],
        }

    def private(self, index: int, person: int, segments: list[Segment]) -> Json:
        """A private message of the bot to somebody, shown between those of the group."""
        return {
            "id": -1 - index,
            "time": int(self._group.now()),
            "from": self._bot,
            "to": person,
            "recalled": False,
            "reactions": [],
            "parts": [self._part(segment) for segment in segments],
        }

    def _part(self, segment: Segment) -> Json:
        data: Json = segment["data"]
        match segment["type"]:
            case "text":
                return {"type": "text", "text": data["text"]}
            case "at":
                account = self._group.accounts.get(int(data["qq"])) if str(data["qq"]).isdigit() else None
                return {"type": "at", "name": (account.card or account.nickname) if account else str(data["qq"])}
            case "reply":
                return {"type": "reply", "id": int(data["id"])}
            case "image":
                return {"type": "image", "url": _picture_address(data)}
            case "json":
                news = cast(Json, json.loads(data["data"]))["meta"]["news"]
                return {"type": "card", "title": news["title"], "desc": news["desc"], "url": news["jumpUrl"]}
            case "forward":
                nodes = [node["data"] for node in self._group.forwards.get(data["id"], [])]
                return {"type": "forward", "nodes": [_node(node) for node in nodes]}
            case "file":
                places = [i for i, each in enumerate(self._group.files) if each.file_id == data["file_id"]]
                if not places:
                    return {"type": "text", "text": f"[文件 {data['file']} 已删除]"}
                url = f"/sandbox/files/{places[0]}"
                return {"type": "file", "name": data["file"], "size": int(data["file_size"]), "url": url}
            case other:
                return {"type": "text", "text": f"[{other}]"}


def _picture_address(data: Json) -> str:
    file = str(data.get("file", ""))
    if file.startswith("base64://"):
        return f"data:image/png;base64,{file.removeprefix('base64://')}"
    return str(data.get("url", ""))


def _node(data: Json) -> Json:
    content = cast(list[Segment], data["content"])
    told = (str(each["data"].get("text") or f"[{_KINDS.get(each['type'], each['type'])}]") for each in content)
    return {"name": data["nickname"], "text": "".join(told)}


_KINDS = {"image": "图片", "reply": "回复", "at": "@", "json": "卡片", "forward": "聊天记录", "file": "文件"}
