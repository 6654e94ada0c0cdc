"""One command being answered: what a handler is given, and what it gives back."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from nonebot.adapters.onebot.v11 import Bot, GroupMessageEvent, Message, MessageEvent

from db.queries import discussion, message_ids, sections
from db.queries.members import Person
from plugins._chat.incoming.forwards import ForwardedMessage, NotReadable, told_in
from plugins._chat.incoming.message import (
    Content,
    as_message,
    as_number,
    command_starts,
    from_timestamp,
    plain,
    read_async,
    split_command,
)
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.files import Way, hand_over
from plugins._chat.service import Service
from plugins._talk.deliveries.parts import Part
from plugins._talk.foreign_text import clean_name
from plugins._talk.render.rich import Rich
from plugins._talk.usecases.desk import AlreadyHandled, Desk, ItemRef, Refused, Visit, only_seen, rehearse, serve
from plugins._talk.usecases.questions import QuestionRef

P = ParamSpec("P")
T = TypeVar("T")
QUOTE_SECONDS = 3.0
_UNREADABLE = "被回复的那条消息读不到了，请把链接直接发给我"
_UNREADABLE_FORWARD = "那条聊天记录打不开了，请把链接直接发给我"


@dataclass(frozen=True)
class Reply:
    """An answer, quoting the message it answers. A reply to it means the items that it is `about`, or the questions.

    One that is `plain` only says 'got it': where the series is quiet, a reaction does. One that is `idle` answers a
    message of which nothing was kept.
    """

    text: Rich | str
    _: KW_ONLY
    about: Sequence[int] = ()
    plain: bool = False
    questions: Sequence[int] = ()
    remarks: Sequence[int] = ()
    wishes: Sequence[int] = ()
    idle: bool = False


@dataclass(frozen=True)
class Quoted:
    """A message that a command replies to, who said it (None: the bot itself) and when.

    `inside` is what was said in it, where it is a merged forward.
    """

    message_id: int
    own: Content
    inside: Sequence[ForwardedMessage]
    author: Person | None
    said_at: datetime

    @property
    def said(self) -> list[Content]:
        """The message, and of a merged forward all that was said in it."""
        return [self.own, *(each.said for each in self.inside)]


@dataclass(frozen=True)
class Fetched:
    """A message's pictures: names in the store by address, how many could not be had, how many were too many."""

    by_url: dict[str, str]
    missed: int
    left_out: int

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(self.by_url.values()))


@dataclass(frozen=True)
class NamedMember:
    """A member of the group whom a command names, and when they came into it, where QQ's side says so."""

    person: Person
    joined: datetime | None


def _joined(member: dict[str, Any]) -> datetime | None:
    seconds = as_number(member.get("join_time"))
    return from_timestamp(seconds) if seconds else None


@dataclass(kw_only=True)
class Call:
    """A command on its way: who, where, and what was said behind its word. `reminder` tells how it is used."""

    reminder: str
    service: Service
    bot: Bot
    event: MessageEvent
    visit: Visit
    content: Content
    argument: str
    item: ItemRef = field(default_factory=ItemRef)
    question: QuestionRef = field(default_factory=QuestionRef)
    visited: bool = False

    async def desk(self, use_case: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in one transaction: the message is marked handled with it, and all is committed.

        Raises Refused, AlreadyHandled or Unavailable, which the dispatcher answers, and RuntimeError where a handler
        comes a second time: then its message would be handled already.
        """
        if self.visited:
            raise RuntimeError(f"{use_case.__qualname__}: a handler may visit the desk only once")
        self.visited = True
        found = await self.service.db.write(serve, self.service.rules, self.visit, use_case, *args, **kwargs)
        if isinstance(found, Refused | AlreadyHandled):
            raise found
        return found

    async def mark_seen(self) -> None:
        """Mark the message handled, for an answer that asked nothing of the database. May raise like `desk`."""
        await self.desk(only_seen)

    async def post(self, part: Part) -> bool:
        """Say something in the group beside the reply; True when all of it is known to have arrived."""
        outcome = await sending.post(self.bot, self.visit.group_id, part, self.service.draw)
        pieces = sending.instead(part, outcome.why) if outcome.fate is sending.Fate.REJECTED else []
        if not pieces:
            return outcome.fate is sending.Fate.SENT
        return all([await self.post(piece) for piece in pieces])

    async def hand_over(self, name: str, body: bytes, page: str | None, text: str | None) -> Way:
        """Put a file into the group; else it is on its `page`, or its `text` goes to who asked, in private."""
        folder, group = self.service.files, self.visit.group_id
        return await hand_over(self.bot, group, name, body, folder, page=page, to=self.visit.qq, text=text)

    async def whisper(self, text: str) -> bool:
        """Tell only the one who asked; True when it reached them."""
        return await sending.tell(self.bot, [self.visit.qq], text, self.visit.group_id)

    def usage(self) -> Reply:
        """One line for a command that came without what it needs."""
        return Reply(self.reminder, idle=True)

    async def quoted(self) -> Quoted | None:
        """The message that this one replies to, or None without one. Refused when it can no longer be read."""
        if self.content.reply_to is None:
            return None
        if self.event.reply is None and await self._replies_to_own(self.content.reply_to):
            return Quoted(
                self.content.reply_to,
                Content(text="", reply_to=None, cards=(), pictures=(), to_other=False),
                (),
                None,
                self.visit.said_at,
            )
        answer = await self._quoted_answer(self.content.reply_to)
        if answer.get("status") == "deleted":  # LLBot still tells what was recalled
            raise Refused(_UNREADABLE)
        message = as_message(answer.get("message"))
        said = await read_async(message, self.bot.self_id)
        if split := split_command(said.text, command_starts(self.bot.config.command_start)):
            said = replace(said, text=split[1])  # what was meant for a bot is no part of what is passed on
        sender = cast(dict[str, Any], answer.get("sender") or {})
        author = as_number(sender.get("user_id"))
        inside = await self._inside(message) if said.forwards else ()
        said_at = from_timestamp(answer["time"]) if answer.get("time") else self.visit.said_at
        if author is None or str(author) == self.bot.self_id:
            return Quoted(self.content.reply_to, said, inside, None, said_at)
        name = clean_name(sender.get("card")) or clean_name(sender.get("nickname"))
        return Quoted(self.content.reply_to, said, inside, Person(author, name), said_at)

    async def pictures(self, urls: Sequence[str]) -> Fetched:
        """Fetch a message's pictures into the store, where those that the command then does not use expire."""
        kept = await self.service.pictures.add_all(urls)
        names = {url: name for url, name in zip(urls, kept, strict=False) if name}
        return Fetched(names, kept.count(None), max(0, len(urls) - len(kept)))

    async def rehearse(
        self, use_case: Callable[Concatenate[Desk, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Find out whether a use case would be refused, before anything is fetched for it. Raises like `desk`."""
        found = await self.service.db.write(rehearse, self.service.rules, self.visit, use_case, *args, **kwargs)
        if found is not None:
            raise found

    async def _inside(self, forward: Message) -> Sequence[ForwardedMessage]:
        try:
            return await told_in(self.bot, list(forward))
        except NotReadable:
            raise Refused(_UNREADABLE_FORWARD) from None

    async def _quoted_answer(self, message_id: int) -> dict[str, Any]:
        """What `get_msg` says, once, within a few seconds: of a message that was recalled it may never say anything."""
        if self.event.reply is not None:
            return self.event.reply.model_dump()
        try:
            async with asyncio.timeout(QUOTE_SECONDS):
                answer = await sending.attempt(self.bot, "get_msg", message_id=message_id)
        except TimeoutError:
            raise Refused(_UNREADABLE) from None
        if answer.fate is not sending.Fate.SENT or not answer.data:
            raise Refused(_UNREADABLE)
        return answer.data

    async def joined_where_asked(self) -> datetime | None:
        """`joined`, where the series' rules about advertising ask for some days in the group."""
        return await self.joined() if self.service.series.advertising.days_in_group else None

    async def replies_to_wish(self) -> bool:
        """Whether the message that this one replies to is a suggestion for a section, or the bot's receipt of one."""
        if self.content.reply_to is None or self.item.number is not None:
            return False
        found = await self.service.db.read(sections.suggestion_of, self.visit.group_id, self.content.reply_to)
        return found is not None

    async def _replies_to_own(self, message_id: int) -> bool:
        """Whether the quoted message is known to be the bot's own: then nobody need be asked what it says."""
        return await self.service.db.read(message_ids.is_own, self.visit.group_id, message_id)

    async def replies_to_discussion(self) -> bool:
        """Whether the message that this one replies to is about a question, an answer or a quote."""
        if self.content.reply_to is None or self.item.number is not None:
            return False
        asked, said = await self.service.db.read(discussion.of_message, self.visit.group_id, self.content.reply_to)
        return bool(asked or said)

    def mentioned(self) -> tuple[int | None, str]:
        """The QQ number that the words @ (or name), and the words without it."""
        rest, who = self.argument, None
        for qq, shown in self.content.named:
            who, rest = who or qq, rest.replace(plain(shown), " ")
        if who is None and (number := re.search(r"(?<!\d)\d{5,11}(?!\d)", rest)):
            who, rest = int(number[0]), rest.replace(number[0], " ")
        return who, " ".join(rest.split())

    async def named(self) -> tuple[NamedMember | None, str]:
        """The member whom the words @ (or name by number), and the words without them. Refused for a stranger."""
        who, rest = self.mentioned()
        if who is None:
            return None, rest
        answer = await sending.attempt(self.bot, "get_group_member_info", group_id=self.visit.group_id, user_id=who)
        if answer.fate is not sending.Fate.SENT:
            raise Refused("在群里没有找到这位，@ 一下群里的人试试")
        found = answer.data or {}
        name = clean_name(found.get("card")) or clean_name(found.get("nickname"))
        return NamedMember(Person(who, name), _joined(found)), rest

    async def joined(self) -> datetime | None:
        """When the sender came into the group, as QQ knows it; None where it does not say."""
        group_id, qq = self.visit.group_id, self.visit.qq
        answer = await sending.attempt(self.bot, "get_group_member_info", group_id=group_id, user_id=qq)
        return _joined(answer.data) if answer.data else None

    @property
    def in_group(self) -> bool:
        return isinstance(self.event, GroupMessageEvent)
