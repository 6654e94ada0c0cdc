"""A bot whose other side is the strict implementation, in the same process: no socket, same answers."""

import json
from collections import deque
from typing import Any

from nonebot import get_adapter
from nonebot.adapters.onebot.v11 import Adapter, Bot, NetworkError
from nonebot.adapters.onebot.v11.utils import handle_api_result
from nonebot.utils import DataclassEncoder

from plugins._onebot.group import Group, Segment, Spoken
from plugins._onebot.implementation import Implementation, Json
from tests.people import BOT, GROUP, PEOPLE, SECOND, Clock

FIRST_ID = 5_000
PICTURE = "OpenLLM Talk 004 议程[image]"


class Moody(Implementation):
    """Answers the next calls of an action as it is told: a response, None for silence, or an exception.

    `arrives` tells whether the call is carried out all the same.
    """

    def __init__(self, self_id: int, group: Group, shift: int = 0) -> None:
        super().__init__(self_id, group, shift)
        self.moods: dict[str, deque[tuple[Json | Exception | None, bool]]] = {}

    def will(self, action: str, answer: Json | Exception | None, *, arrives: bool = False, times: int = 1) -> None:
        self.moods.setdefault(action, deque()).extend([(answer, arrives)] * times)

    async def answer(self, action: str, params: Json) -> Json | None:
        moods = self.moods.get(action)
        if not moods:
            return await super().answer(action, params)
        answer, arrives = moods.popleft()
        if arrives:
            await super().answer(action, params)
        else:
            self.calls.append((action, params))
        if isinstance(answer, Exception):
            raise answer
        return answer


class LoopbackBot(Bot):
    """Calls go to the implementation and back as JSON, as they do over a socket."""

    def __init__(self, implementation: Implementation) -> None:
        super().__init__(get_adapter(Adapter), str(implementation.self_id))
        self.implementation = implementation

    async def call_api(self, api: str, **data: Any) -> Any:
        answer = await self.implementation.answer(api, json.loads(json.dumps(data, cls=DataclassEncoder)))
        if answer is None:
            raise NetworkError("timeout")
        return handle_api_result(answer)


def group(clock: Clock, first_id: int = FIRST_ID) -> Group:
    accounts = {account.user_id: account for account in (*PEOPLE.values(), BOT, SECOND)}
    return Group(
        group_id=GROUP, name="大模型读书会", accounts=accounts, first_id=first_id, now=lambda: clock().timestamp()
    )


def text_of(spoken: Spoken) -> str:
    """What a message says, with @ by number and forwards and files by name."""
    return text_of_segments(spoken.segments)


def text_of_segments(segments: list[Segment]) -> str:
    return "".join(_shown(each["type"], each["data"]) for each in segments)


def _shown(kind: str, data: Json) -> str:
    match kind:
        case "text":
            return data["text"]
        case "at":
            return f"@{data['qq']}"
        case "reply":
            return f"[{data['id']}]"
        case "file":
            return f"[file {data['file']}]"
        case other:
            return f"[{other}]"
