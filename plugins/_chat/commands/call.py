"""A command invocation: the input of a handler (`Call`) and its output (`Reply`)."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from nonebot import logger
from nonebot.adapters.onebot.v11 import Bot, GroupMessageEvent, Message, MessageEvent

from db.queries import members, message_ids
from db.queries.members import Person
from plugins._chat.commands.references import Ref
from plugins._chat.incoming.forwards import ForwardedMessage, NotReadable, told_in
from plugins._chat.incoming.message import (
    Content,
    SharedFile,
    as_message,
    as_number,
    from_timestamp,
    plain,
    read_async,
)
from plugins._chat.outgoing import sending
from plugins._chat.outgoing.files import Way, hand_over, read_file
from plugins._chat.service import Service
from plugins._chat.stores.fetching import NotFetched
from plugins._talk.deliveries.parts import Part
from plugins._talk.foreign_text import clean_name
from plugins._talk.render.rich import Rich
from plugins._talk.usecases.desk import (
    AlreadyHandled,
    Desk,
    ItemRef,
    QuestionRef,
    Refused,
    Visit,
    only_seen,
    rehearse,
    serve,
)

P = ParamSpec("P")
T = TypeVar("T")
QUOTE_SECONDS = 3.0
_UNREADABLE = "被回复的那条消息读不到了，请把链接直接发给我"
_UNREADABLE_FORWARD = "那条聊天记录打不开了，请把链接直接发给我"


@dataclass(frozen=True)
class Reply:
    """An answer that quotes the message it answers. A reply to it refers to the items in `about`, or the questions.

    `stands_in`: it asks for agreement that somebody stands in for the host of this talk.

    `plain`: a mere acknowledgement, replaced by a reaction in a quiet series. `idle`: nothing from the message was
    stored. `refused`: it says why not. `logged` is what the log says of it, without anybody's words.
    """

    text: Rich | str
    _: KW_ONLY
    about: Sequence[int] = ()
    plain: bool = False
    questions: Sequence[int] = ()
    remarks: Sequence[int] = ()
    wishes: Sequence[int] = ()
    stands_in: int | None = None
    idle: bool = False
    refused: bool = False
    logged: str = ""


@dataclass(frozen=True)
class Quoted:
    """A message that a command replies to, its author (None: the bot itself) and its time.

    `inside` holds the messages within it if it is a merged forward.
    """

    message_id: int
    own: Content
    inside: Sequence[ForwardedMessage]
    author: Person | None
    said_at: datetime

    @property
    def said(self) -> list[Content]:
        """The message and, for a merged forward, all messages within it."""
        return [self.own, *(each.said for each in self.inside)]


@dataclass(frozen=True)
class Fetched:
    """A message's pictures: names in the store by URL, the number of failed fetches, the number beyond the limit."""

    by_url: dict[str, str]
    missed: int
    left_out: int

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(self.by_url.values()))


@dataclass(frozen=True)
class NamedMember:
    """A group member whom a command names, and their join time if the OneBot implementation reports it."""

    person: Person
    joined: datetime | None


def _joined(member: dict[str, Any]) -> datetime | None:
    seconds = as_number(member.get("join_time"))
    return from_timestamp(seconds) if seconds else None


@dataclass(kw_only=True)
class Call:
    """A command invocation: sender, group, and the text after the command word and the numbers (`meant`).

    `reminder` is its usage line; `without_command` takes the command word off the text of a quoted message. `record` is
    how the command is told when it is taken back, None if it cannot be. `reply_word`: a reply without a slash, which
    may turn out to be chat.
    """

    reminder: str
    service: Service
    bot: Bot
    event: MessageEvent
    visit: Visit
    content: Content
    argument: str
    without_command: Callable[[str], str]
    meant: tuple[Ref, ...] = ()
    record: str | None = None
    reply_word: bool = False
    visited: bool = False

    @property
    def item(self) -> ItemRef:
        """The item that is meant, or the message replied to."""
        return next((each for each in self.meant if isinstance(each, ItemRef)), ItemRef())

    @property
    def items(self) -> list[ItemRef]:
        return [each for each in self.meant if isinstance(each, ItemRef)]

    @property
    def question(self) -> QuestionRef:
        """The question that is meant, or the message replied to."""
        return next((each for each in self.meant if isinstance(each, QuestionRef)), QuestionRef())

    async def desk(self, use_case: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case and mark the message as handled, both in one committed transaction.

        Raises Refused, AlreadyHandled or Unavailable, which the dispatcher handles, and RuntimeError if a handler
        calls it twice, since the first call has already marked the message as handled.
        """
        if self.visited:
            raise RuntimeError(f"{use_case.__qualname__}: a handler may visit the desk only once")
        self.visited = True
        visit = replace(self.visit, record=self.record)
        found = await self.service.db.write(serve, self.service.rules, visit, use_case, *args, **kwargs)
        if isinstance(found, Refused | AlreadyHandled):
            raise found
        return found

    async def mark_seen(self) -> None:
        """Mark the message as handled, for an answer that needed no database access. Raises like `desk`."""
        await self.desk(only_seen)

    async def post(self, part: Part) -> bool:
        """Send an additional message to the group; True if all of it is known to have arrived."""
        outcome = await sending.post(self.bot, self.visit.group_id, part, self.service.draw)
        pieces = sending.instead(part, outcome.why) if outcome.fate is sending.Fate.REJECTED else []
        if not pieces:
            return outcome.fate is sending.Fate.SENT
        return all([await self.post(piece) for piece in pieces])

    async def hand_over(self, name: str, body: bytes, page: str | None, text: str | None) -> Way:
        """Upload a file to the group; else refer to its `page`, or send its `text` to the sender in private."""
        folder, group = self.service.files, self.visit.group_id
        return await hand_over(self.bot, group, name, body, folder, page=page, to=self.visit.qq, text=text)

    async def shared_file(self) -> SharedFile | None:
        """The file in this message, else in the one that it replies to. Raises Refused like `quoted`."""
        if self.content.files:
            return self.content.files[0]
        quoted = await self.quoted()
        return next((each for said in quoted.said for each in said.files), None) if quoted else None

    async def read_file(self, file: SharedFile) -> bytes:
        """The content of a file that somebody shared. Raises Refused."""
        try:
            return await read_file(self.bot, self.visit.group_id, file, self.service.pictures.trusted)
        except NotFetched as error:
            logger.warning(f"message {self.visit.message_id}: the file could not be read: {error}")
            raise Refused("这个文件取不下来（文本文件，2 MB 以内）。重新上传一次再试") from None

    async def whisper(self, text: str) -> bool:
        """Send a private message to the sender; True if it arrived."""
        return await sending.tell(self.bot, [self.visit.qq], text, self.visit.group_id)

    def usage(self) -> Reply:
        """The usage line, for a command without its required argument."""
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
        if answer.get("status") == "deleted":  # LLBot still returns recalled messages
            raise Refused(_UNREADABLE)
        message = as_message(answer.get("message"))
        said = await read_async(message, self.bot.self_id)
        said = await self._with_names(replace(said, text=self.without_command(said.text)))
        sender = cast(dict[str, Any], answer.get("sender") or {})
        author = as_number(sender.get("user_id"))
        inside = await self._inside(message) if said.forwards else ()
        said_at = from_timestamp(answer["time"]) if answer.get("time") else self.visit.said_at
        if author is None or str(author) == self.bot.self_id:
            return Quoted(self.content.reply_to, said, inside, None, said_at)
        name = clean_name(sender.get("card")) or clean_name(sender.get("nickname"))
        return Quoted(self.content.reply_to, said, inside, Person(author, name), said_at)

    async def pictures(self, urls: Sequence[str]) -> Fetched:
        """Fetch a message's pictures into the store; those that the command does not use expire."""
        kept = await self.service.pictures.add_all(urls)
        names = {url: name for url, name in zip(urls, kept, strict=False) if name}
        return Fetched(names, kept.count(None), max(0, len(urls) - len(kept)))

    async def rehearse(
        self, use_case: Callable[Concatenate[Desk, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Check whether a use case would be refused, before fetching anything for it. Raises like `desk`."""
        found = await self.service.db.write(rehearse, self.service.rules, self.visit, use_case, *args, **kwargs)
        if found is not None:
            raise found

    async def _inside(self, forward: Message) -> Sequence[ForwardedMessage]:
        try:
            return await told_in(self.bot, list(forward))
        except NotReadable:
            raise Refused(_UNREADABLE_FORWARD) from None

    async def _quoted_answer(self, message_id: int) -> dict[str, Any]:
        """Call `get_msg` once with a timeout: for a recalled message it may never answer."""
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
        """`joined`, if the series' advertising rules require a minimum number of days in the group."""
        return await self.joined() if self.service.series.advertising.days_in_group else None

    async def _replies_to_own(self, message_id: int) -> bool:
        """Whether the quoted message is known to be the bot's own, so that `get_msg` is not needed."""
        return await self.service.db.read(message_ids.is_own, self.visit.group_id, message_id)

    async def name_people(self) -> None:
        """Put the display names of the members that the message @s into its text."""
        if not self.content.named:
            return
        before, self.content = self.content, await self._with_names(self.content)
        for (_, old), (_, new) in zip(before.named, self.content.named, strict=True):
            self.argument = self.argument.replace(plain(old), new)
            self.record = self.record and self.record.replace(plain(old), new)

    async def _with_names(self, said: Content) -> Content:
        """The same content with the display names of those whom it @s, as far as they are known."""
        if not said.named:
            return said
        known = dict(await self.service.db.read(members.names_of, [qq for qq, _ in said.named]))
        for qq, shown in said.named:
            if qq not in known and (found := await self._look_up(qq)) and found.name:
                known[qq] = found.name
            elif qq not in known:
                known[qq] = shown.removeprefix("@")
        text = said.text
        for qq, shown in said.named:
            text = text.replace(plain(shown), f"@{known[qq]}")
        return replace(said, text=text, named=tuple((qq, f"@{known[qq]}") for qq, _ in said.named))

    async def _look_up(self, qq: int) -> Person | None:
        """A member of the group, by number; a name that contains the number is none."""
        answer = await sending.attempt(self.bot, "get_group_member_info", group_id=self.visit.group_id, user_id=qq)
        if answer.fate is not sending.Fate.SENT:
            return None
        found = answer.data or {}
        name = clean_name(found.get("card")) or clean_name(found.get("nickname"))
        return Person(qq, "" if str(qq) in name else name)

    def credited(self) -> tuple[Person | None, str]:
        """The member whom the argument @s at its beginning, and the text after it."""
        for qq, shown in self.content.named:
            if self.argument.startswith(shown):
                rest = self.argument[len(shown) :].lstrip(" :：,，\n")
                return Person(qq, shown.removeprefix("@")), rest
        return None, self.argument

    def mentioned(self) -> tuple[int | None, str]:
        """The QQ number that the argument @s (or contains), and the remaining text."""
        rest, who = self.argument, None
        for qq, shown in self.content.named:
            who, rest = who or qq, rest.replace(plain(shown), " ")
        if who is None and (number := re.search(r"(?<!\d)\d{5,11}(?!\d)", rest)):
            who, rest = int(number[0]), rest.replace(number[0], " ")
        return who, " ".join(rest.split())

    async def named(self) -> tuple[NamedMember | None, str]:
        """The member whom the argument @s (or gives by number), and the remaining text. Refused for a non-member."""
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
        """When the sender joined the group; None if the OneBot implementation does not report it."""
        group_id, qq = self.visit.group_id, self.visit.qq
        answer = await sending.attempt(self.bot, "get_group_member_info", group_id=group_id, user_id=qq)
        return _joined(answer.data) if answer.data else None

    @property
    def in_group(self) -> bool:
        return isinstance(self.event, GroupMessageEvent)
