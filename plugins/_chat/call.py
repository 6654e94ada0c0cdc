"""One command being answered: what a handler is given, and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from nonebot.adapters.onebot.v11 import ActionFailed, Bot, GroupMessageEvent, MessageEvent, NetworkError

from db.queries.members import Person
from plugins._chat import sending
from plugins._chat.message import Said, as_message, as_number, clean_name, command_starts, read, split_command
from plugins._chat.service import Service
from plugins._talk.deliveries import Part
from plugins._talk.desk import Desk, ItemRef, Refused, Visit, only_seen, serve
from plugins._talk.render.rich import Rich

P = ParamSpec("P")
T = TypeVar("T")
_UNREADABLE = "被回复的那条消息读不到了，请把链接直接发给我"


@dataclass(frozen=True)
class Reply:
    """An answer, quoting the message it answers. A reply to it means the items that it is `about`."""

    text: Rich | str
    about: Sequence[int] = ()


@dataclass(frozen=True)
class Quoted:
    """A message that a command replies to, and who said it (None: the bot itself)."""

    said: Said
    author: Person | None


@dataclass
class Call:
    """A command on its way: who, where, and what was said behind its word. `reminder` tells how it is used."""

    reminder: str
    service: Service
    bot: Bot
    event: MessageEvent
    visit: Visit
    said: Said
    words: str
    item: ItemRef = field(default_factory=ItemRef)
    served: bool = False

    async def desk(self, use_case: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in one transaction: the message is marked handled with it, and all is committed.

        Raises Refused, AlreadyHandled or Unavailable, which the dispatcher answers.
        """
        found = await self.service.db.write(serve, self.service.house, self.visit, use_case, *args, **kwargs)
        self.served = True
        if isinstance(found, Refused):
            raise found
        return found

    async def mark_seen(self) -> None:
        """Mark the message handled, for an answer that asked nothing of the database. May raise like `desk`."""
        await self.service.db.write(serve, self.service.house, self.visit, only_seen)

    async def post(self, part: Part) -> bool:
        """Say something in the group beside the reply; True when all of it is known to have arrived."""
        outcome = await sending.post(self.bot, self.visit.group_id, part)
        pieces = sending.instead(part, outcome)
        if not pieces:
            return outcome.fate is sending.Fate.SENT
        return all([await self.post(piece) for piece in pieces])

    async def upload(self, name: str, body: bytes) -> bool:
        return await sending.upload(self.bot, self.visit.group_id, name, body)

    def usage(self) -> Reply:
        """One line for a command that came without what it needs."""
        return Reply(self.reminder)

    async def quoted(self) -> Quoted | None:
        """The message that this one replies to, or None without one. Refused when it can no longer be read."""
        if self.said.reply_to is None:
            return None
        answer = await self._quoted_answer(self.said.reply_to)
        if answer.get("status") == "deleted":  # LLBot still tells what was recalled
            raise Refused(_UNREADABLE)
        said = read(as_message(answer.get("message")), self.bot.self_id)
        if split := split_command(said.text, command_starts(self.bot.config.command_start)):
            said = replace(said, text=split[1])  # what was meant for a bot is no part of what is passed on
        sender = cast(dict[str, Any], answer.get("sender") or {})
        author = as_number(sender.get("user_id"))
        if author is None or str(author) == self.bot.self_id:
            return Quoted(said, None)
        return Quoted(said, Person(author, clean_name(str(sender.get("card") or sender.get("nickname") or ""))))

    async def _quoted_answer(self, message_id: int) -> dict[str, Any]:
        """What `get_msg` says: NoneBot has asked already, but gives up on answers that lack a field."""
        if self.event.reply is not None:
            return self.event.reply.model_dump()
        try:
            raw = await self.bot.call_api("get_msg", message_id=message_id)
        except (ActionFailed, NetworkError):
            raw = None
        if not isinstance(raw, dict):
            raise Refused(_UNREADABLE)
        return cast(dict[str, Any], raw)

    @property
    def in_group(self) -> bool:
        return isinstance(self.event, GroupMessageEvent)
