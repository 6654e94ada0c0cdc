"""Chat tests that read like transcripts.

    林溪: /news https://a.com/1
    bot> 004 本周新闻 #1 已收录:a.com/1

A line that begins with `|` goes on with the line above it. `bot>` is a reply that quotes the line before; every
message of the bot must stand in the script, and every one that stands there must be sent. `@阿凯` in what the bot
says is a real @.
"""

import re
from itertools import count
from textwrap import dedent
from typing import Any

from nonebot import get_adapter
from nonebot.adapters.onebot.v11 import (
    ActionFailed,
    Adapter,
    Bot,
    Event,
    GroupMessageEvent,
    Message,
    MessageSegment,
    PrivateMessageEvent,
)
from nonebug import App
from nonebug.mixin.process import MatcherContext

from plugins._chat.outgoing.sending import to_message
from plugins._onebot.group import Account
from plugins._talk.render.rich import Mention
from tests.people import BOT, GROUP, PEOPLE, XU, Clock

SUPERUSER = XU  # as the tests' NoneBot is configured

_CLAIM = re.compile(
    r"[/／](?:claim|认领)\s*(?:\d+\s*)?(?:主持|编辑|host|editor)", re.IGNORECASE
)  # needs days in the group
_LINE = re.compile(r"(?P<who>[^:>]+)(?P<mark>: ?|> ?)(?P<text>.*)", re.DOTALL)


class Chat:
    """The group, with the bot listening. Message ids go up by one with everything that is said."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.ids = count(1001)
        self.last_id = 0
        self._known: set[Account] = set()

    async def plays(self, script: str) -> None:
        """Play a transcript; fails where the bot says something else."""
        for line, answers in _scenes(script):
            who, text = line
            await self.says(PEOPLE[who], text, *answers)

    async def says(self, who: Account, said: str | Message, *answers: str, **event: Any) -> int:
        """One message in the group and the bot's answers to it; returns the message's id.

        `asks` is an action that the bot calls on the way, its parameters and its answer (None: it fails).
        """
        message = Message([MessageSegment.text(said)]) if isinstance(said, str) else said
        message_id = event.pop("message_id", None) or next(self.ids)
        group = event.pop("group_id", GROUP)
        asks = event.pop("asks", None)
        if "member_info" in event:
            asked = {"group_id": group, "user_id": who.user_id}
            asks = ("get_group_member_info", asked, event.pop("member_info"))
        received = group_message(who, message, message_id, group, self.clock, **event)
        await self._receive(received, answers, group, asks)
        return message_id

    async def nods(self, who: Account, said: str, *answers: str, has_reactions: bool = True) -> None:
        """A message that the bot answers with a reaction, or with words where the other side has no reactions."""
        event = group_message(who, Message([MessageSegment.text(said)]), next(self.ids), GROUP, self.clock)
        async with self.app.test_matcher() as ctx:
            bot = self._bot(ctx)
            ctx.receive_event(bot, event)
            ways = [
                ("set_msg_emoji_like", {"message_id": event.message_id, "emoji_id": "128077", "set": True}),
                (
                    "set_group_reaction",
                    {"group_id": GROUP, "message_id": event.message_id, "code": "128077", "is_add": True},
                ),
            ]
            for action, params in ways[: 1 if has_reactions else 2]:
                error = None if has_reactions else ActionFailed(status="failed", retcode=1404)
                ctx.should_call_api(action, params, {}, error)
            self._answers(ctx, event, answers, GROUP)

    async def recalls(self, who: Account, message_id: int, *said: str) -> None:
        """Somebody takes a message back, and what the bot says then."""
        notice = {"notice_type": "group_recall", "operator_id": who.user_id, "user_id": who.user_id}
        await self._noticed({**notice, "message_id": message_id}, said)

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
        async with self.app.test_matcher() as ctx:
            bot = self._bot(ctx)
            ctx.receive_event(bot, self._notice(notice))
            if asks_role and who is not SUPERUSER:
                asked = {"group_id": GROUP, "user_id": who.user_id}
                ctx.should_call_api("get_group_member_info", asked, {"role": who.role})
            if joins_in:
                params = {"message_id": message_id, "emoji_id": emoji, "set": True}
                ctx.should_call_api("set_msg_emoji_like", params, {})
            if says:
                quoting = MessageSegment.reply(message_id) + to_message(says)
                ctx.should_call_api("send_group_msg", {"group_id": GROUP, "message": quoting}, {"message_id": 1})

    async def _noticed(self, notice: dict[str, Any], said: tuple[str, ...]) -> None:
        async with self.app.test_matcher() as ctx:
            bot = self._bot(ctx)
            ctx.receive_event(bot, self._notice(notice))
            for each in said:
                self.last_id = next(self.ids)
                expected = {"group_id": GROUP, "message": to_message(_rich(each))}
                ctx.should_call_api("send_group_msg", expected, {"message_id": self.last_id})

    def _notice(self, notice: dict[str, Any]) -> Event:
        whole = {
            "time": int(self.clock().timestamp()),
            "self_id": BOT.user_id,
            "post_type": "notice",
            "group_id": GROUP,
        }
        event = Adapter.json_to_event({**whole, **notice})
        assert event is not None
        return event

    def _bot(self, ctx: MatcherContext) -> Bot:
        return ctx.create_bot(base=Bot, adapter=get_adapter(Adapter), self_id=str(BOT.user_id), auto_connect=False)

    async def whispers(
        self, who: Account, said: str, *answers: str, through: int | None = None, stranger: bool = False
    ) -> None:
        """The same in a private chat, `through` a group where it began there; else the bot asks once who it is."""
        message = Message([MessageSegment.text(said)])
        event = PrivateMessageEvent.model_validate(
            {
                **_common(who, message, next(self.ids), self.clock),
                "message_type": "private",
                "sub_type": "group" if through else "friend",
                **({"group_id": through} if through else {}),
            }
        )
        async with self.app.test_matcher() as ctx:
            bot = ctx.create_bot(base=Bot, adapter=get_adapter(Adapter), self_id=str(BOT.user_id), auto_connect=False)
            ctx.receive_event(bot, event)
            if through is None and who not in self._known:
                self._known.add(who)
                asked = {"group_id": GROUP, "user_id": who.user_id}
                fails = ActionFailed(status="failed", retcode=1200) if stranger else None
                ctx.should_call_api("get_group_member_info", asked, None if stranger else {}, fails)
            for answer in answers:
                said_back = MessageSegment.reply(event.message_id) + Message([MessageSegment.text(answer)])
                params = {"user_id": who.user_id, "message": said_back, **({"group_id": through} if through else {})}
                ctx.should_call_api("send_private_msg", params, {})

    async def _receive(
        self,
        event: GroupMessageEvent,
        answers: tuple[str, ...],
        group: int,
        asks: tuple[str, dict[str, Any], dict[str, Any] | None] | None = None,
    ) -> None:
        async with self.app.test_matcher() as ctx:
            bot = self._bot(ctx)
            ctx.receive_event(bot, event)
            if asks is None and _CLAIM.match(event.get_plaintext()) and event.sender.role == "member":
                asks = ("get_group_member_info", {"group_id": group, "user_id": event.user_id}, {})
            if asks is not None:
                action, params, found = asks
                fails = ActionFailed(status="failed", retcode=1200) if found is None else None
                ctx.should_call_api(action, params, found, fails)
            self._answers(ctx, event, answers, group)

    def _answers(self, ctx: MatcherContext, event: GroupMessageEvent, answers: tuple[str, ...], group: int) -> None:
        for answer in answers:
            self.last_id = next(self.ids)
            said_back = MessageSegment.reply(event.message_id) + to_message(_rich(answer))
            ctx.should_call_api(
                "send_group_msg", {"group_id": group, "message": said_back}, {"message_id": self.last_id}
            )


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


def _rich(text: str) -> list[str | Mention]:
    names = "|".join(PEOPLE)
    parts = re.split(rf"(@(?:{names}))", text)
    return [Mention(PEOPLE[each[1:]].user_id, each[1:]) if each[1:] in PEOPLE else each for each in parts if each]


def _scenes(script: str) -> list[tuple[tuple[str, str], list[str]]]:
    whole: list[str] = []
    for row in dedent(script).strip().split("\n"):
        if row.strip().startswith("|"):
            whole[-1] += "\n" + row.strip()[1:].strip()
        elif row.strip():
            whole.append(row.strip())
    scenes: list[tuple[tuple[str, str], list[str]]] = []
    for row in whole:
        match = _LINE.fullmatch(row)
        assert match is not None, row
        if match["mark"].startswith(">"):
            scenes[-1][1].append(match["text"])
        else:
            scenes.append(((match["who"], match["text"]), []))
    return scenes
