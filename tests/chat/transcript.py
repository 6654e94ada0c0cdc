"""How transcripts are written, and a group in which each message and its answers are checked at once.

    林溪: /news https://a.com/1
    bot> 004 期本周新闻 #1 已收录：a.com/1

    21:00 老徐: /start
    bot> 【OpenLLM Talk 004】开场啦
    |21:00 本周新闻（10 分钟）1 条
    21:08 bot> ⏳ 本周新闻还有 2 分钟
    21:09 阿凯 ↩开场啦: /next

A line that begins with `|` goes on with the line above. `bot>` is what the bot says in answer; with a time in front it
says so by itself, then. `↩` replies to what was `found` by these words. `@阿凯` is a real @. A script says everything
that the bot says, in that order. See tests/README.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nonebot.adapters.onebot.v11 import GroupMessageEvent, Message, MessageSegment, PrivateMessageEvent
from nonebot.message import handle_event

from plugins._chat.outgoing.sending import to_message
from plugins._onebot.group import Account, Segment, Spoken
from plugins._onebot.implementation import Json
from plugins._talk.render.rich import Mention
from tests.chat.loopback import LoopbackBot
from tests.people import BOT, GROUP, PEOPLE, Clock

if TYPE_CHECKING:
    from tests.chat.evening import Evening

FAILED: Json = {"status": "failed", "retcode": 1200, "data": None, "message": "failed", "wording": "failed"}
UNKNOWN: Json = {**FAILED, "retcode": 1404}
_LINE = re.compile(
    r"(?:(?P<time>\d\d:\d\d(?::\d\d)?) )?(?:(?P<bot>bot)> ?|(?P<who>[^:>↩]+?)(?: ↩(?P<to>[^:]+))?: ?)(?P<text>.*)",
    re.DOTALL,
)
# Needs days in the group, so the bot asks since when the member is there.
_CLAIM = re.compile(r"[/／](?:claim|认领)\s*(?:\d+\s*)?(?:主持|编辑|host|editor)", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of a transcript: `who` says it (None: the bot), at a `time` where one is given, as a reply `to` words."""

    time: str | None
    who: Account | None
    to: str | None
    text: str


def lines_of(script: str) -> list[Line]:
    """A transcript, line by line."""
    rows: list[str] = []
    for row in filter(None, map(str.strip, script.split("\n"))):
        rows[-1:] = [f"{rows[-1]}\n{row[1:].strip()}"] if row.startswith("|") else [*rows[-1:], row]
    lines: list[Line] = []
    for row in rows:
        match = _LINE.fullmatch(row)
        assert match is not None, row
        lines.append(Line(match["time"], PEOPLE[match["who"]] if match["who"] else None, match["to"], match["text"]))
    return lines


class Chat:
    """The group, with the bot listening: what it says to each message, and all that it asks for meanwhile.

    Message ids go up by one with everything that is said, from 1001 on.
    """

    def __init__(self, evening: "Evening") -> None:
        self.evening = evening
        self.onebot, self.clock = evening.onebot, evening.clock
        self.last_id = 0
        self._known: set[Account] = set()

    async def plays(self, script: str) -> None:
        """Play a transcript without times; fails where the bot says something else."""
        lines = lines_of(script)
        starts = [place for place, line in enumerate(lines) if line.who is not None]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            who = lines[start].who
            assert who is not None
            await self.says(who, lines[start].text, *(line.text for line in lines[start + 1 : end]))

    async def says(
        self,
        who: Account,
        said: str | Message,
        *answers: str,
        message_id: int | None = None,
        group_id: int = GROUP,
        asks: tuple[str, Json, Json | None] | None = None,
        member_info: Json | None = None,
        **event: Any,
    ) -> int:
        """One message in the group and the bot's answers to it, each of which quotes it; returns the message's id.

        `asks` is an action that the bot calls on the way, its parameters and its answer (None: it fails);
        `member_info` what it is told of the member.
        """
        message = Message([MessageSegment.text(said)]) if isinstance(said, str) else said
        spoken = self._speak(who, message, message_id)
        received = group_message(who, message, spoken.message_id, group_id, self.clock, **event)
        is_claim = _CLAIM.match(received.get_plaintext()) and who.role == "member"
        if member_info is not None or (is_claim and asks is None):
            asks = ("get_group_member_info", {"group_id": group_id, "user_id": who.user_id}, member_info or {})
        if asks is not None:
            action, _, answer = asks
            self.onebot.will(action, FAILED if answer is None else done(answer))
        called = len(self.onebot.calls)
        await handle_event(self.evening.bot, received)
        expected: list[tuple[str, Json]] = [(asks[0], asks[1])] if asks else []
        expected += [("send_group_msg", {"group_id": group_id, "message": quoting(spoken, each)}) for each in answers]
        made = self.onebot.calls[called:]
        assert made == expected, "\n".join(["made:", *map(str, made), "expected:", *map(str, expected)])
        self.last_id = self.onebot.group.messages[-1].message_id if answers else self.last_id
        return spoken.message_id

    def _speak(self, who: Account, message: Message, message_id: int | None = None) -> Spoken:
        spoken = self.onebot.group.speak(who.user_id, [segment_of(each) for each in message])
        if message_id is not None:
            spoken.message_id = message_id
        return spoken

    async def nods(self, who: Account, said: str, *answers: str, has_reactions: bool = True) -> None:
        """A message that the bot answers with a reaction, or with words where the implementation has no reactions."""
        message = Message([MessageSegment.text(said)])
        spoken = self._speak(who, message)
        received = group_message(who, message, spoken.message_id, GROUP, self.clock)
        actions = ["set_msg_emoji_like"] if has_reactions else ["set_msg_emoji_like", "set_group_reaction"]
        for action in actions:
            self.onebot.will(action, done({}) if has_reactions else UNKNOWN)
        called = len(self.onebot.calls)
        await handle_event(LoopbackBot(self.onebot), received)  # a new connection: which way works is not known yet
        calls = self.onebot.calls[called:]
        assert calls[0] == (actions[0], {"message_id": spoken.message_id, "emoji_id": "128077", "set": True})
        assert [action for action, _ in calls] == [*actions, *("send_group_msg" for _ in answers)], calls
        assert [params["message"] for _, params in calls[len(actions) :]] == [quoting(spoken, each) for each in answers]

    async def recalls(self, who: Account, message_id: int, *said: str) -> None:
        """Somebody takes a message back, and what the bot says then."""
        people = {"operator_id": who.user_id, "user_id": who.user_id}
        called = len(self.onebot.calls)
        await self.evening.notices(notice_type="group_recall", message_id=message_id, **people)
        expected = [("send_group_msg", {"group_id": GROUP, "message": segments_of(each)}) for each in said]
        assert self.onebot.calls[called:] == expected
        self.last_id = self.onebot.group.messages[-1].message_id if said else self.last_id

    async def reacts(
        self,
        who: Account,
        message_id: int,
        emoji: str,
        *,
        added: bool = True,
        asks_role: bool = True,
        joins_in: bool = False,
        lagrange: bool = False,
        says: str = "",
    ) -> None:
        """Somebody reacts to a message; the bot asks who they are, and joins in or says something."""
        notice: dict[str, Any] = {"message_id": message_id}
        if lagrange:
            kind = {"sub_type": "add" if added else "remove", "code": emoji, "count": 1, "operator_id": who.user_id}
            notice |= {"notice_type": "reaction", **kind}
        else:
            likes = [{"emoji_id": emoji, "count": 1}]
            notice |= {"notice_type": "group_msg_emoji_like", "likes": likes, "is_add": added, "user_id": who.user_id}
        called = len(self.onebot.calls)
        await self.evening.notices(**notice)
        expected: list[tuple[str, Json]] = []
        if asks_role and str(who.user_id) not in self.evening.bot.config.superusers:
            expected.append(("get_group_member_info", {"group_id": GROUP, "user_id": who.user_id}))
        if joins_in:
            expected.append(("set_msg_emoji_like", {"message_id": message_id, "emoji_id": emoji, "set": True}))
        if says:
            quoted = [{"type": "reply", "data": {"id": str(message_id)}}, *segments_of(says)]
            expected.append(("send_group_msg", {"group_id": GROUP, "message": quoted}))
        assert self.onebot.calls[called:] == expected

    async def whispers(
        self, who: Account, said: str, *answers: str, through: int | None = None, stranger: bool = False
    ) -> None:
        """The same in a private chat, `through` a group where it began there; else the bot asks once who it is."""
        message = Message([MessageSegment.text(said)])
        spoken = self._speak(who, message)
        event = PrivateMessageEvent.model_validate(
            {
                **_common(who, message, spoken.message_id, self.clock),
                "message_type": "private",
                "sub_type": "group" if through else "friend",
                **({"group_id": through} if through else {}),
            }
        )
        expected: list[tuple[str, Json]] = []
        if through is None and who not in self._known:
            self._known.add(who)
            expected.append(("get_group_member_info", {"group_id": GROUP, "user_id": who.user_id}))
            self.onebot.will("get_group_member_info", FAILED if stranger else done({}))
        more = {"group_id": through} if through else {}
        expected += [
            ("send_private_msg", {"user_id": who.user_id, **more, "message": quoting(spoken, each)}) for each in answers
        ]
        called = len(self.onebot.calls)
        await handle_event(self.evening.bot, event)
        assert self.onebot.calls[called:] == expected


def done(data: Json) -> Json:
    """An action's answer."""
    return {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""}


def segment_of(segment: MessageSegment) -> Segment:
    return {"type": segment.type, "data": segment.data}


def segments_of(text: str) -> list[Segment]:
    """What the bot says, as it is sent."""
    return [segment_of(each) for each in to_message(_rich(text))]


def quoting(spoken: Spoken, text: str) -> list[Segment]:
    """An answer that quotes what it answers."""
    return [{"type": "reply", "data": {"id": str(spoken.message_id)}}, *segments_of(text)]


def _common(who: Account, message: Message, message_id: int, clock: Clock) -> dict[str, Any]:
    return {
        "time": int(clock().timestamp()),
        "self_id": BOT.user_id,
        "post_type": "message",
        "user_id": who.user_id,
        "message_id": message_id,
        "message": message,
        "raw_message": str(message),
        "font": 14,
        "sender": {"user_id": who.user_id, "nickname": who.nickname, "card": who.card, "role": who.role},
    }


def group_message(
    who: Account, message: Message, message_id: int, group: int, clock: Clock, **more: Any
) -> GroupMessageEvent:
    """A group message as NoneBot hands it on."""
    common = _common(who, message, message_id, clock)
    event = {**common, "message_type": "group", "sub_type": "normal", "group_id": group, **more}
    return GroupMessageEvent.model_validate(event)


def _rich(text: str) -> Sequence[str | Mention]:
    names = "|".join(PEOPLE)
    parts = re.split(rf"(@(?:{names}))", text)
    return [Mention(PEOPLE[each[1:]].user_id, each[1:]) if each[1:] in PEOPLE else each for each in parts if each]
