"""One command being answered: what a handler is given, and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from nonebot.adapters.onebot.v11 import ActionFailed, Bot, GroupMessageEvent, MessageEvent, NetworkError

from db.queries.members import Person
from plugins._chat import sending
from plugins._chat.commands import Command, Who
from plugins._chat.message import Said, as_message, clean_name, read
from plugins._chat.service import Service
from plugins._talk.deliveries import Part
from plugins._talk.desk import Desk, ItemRef, Refused, Visit, only_seen, serve
from plugins._talk.render.rich import Rich

P = ParamSpec("P")
T = TypeVar("T")


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
    """A command on its way: who, where, and what was said behind its word."""

    command: Command
    service: Service
    bot: Bot
    event: MessageEvent
    visit: Visit
    said: Said
    words: str
    item: ItemRef = field(default_factory=ItemRef)
    served: bool = False

    async def desk(self, use_case: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in one transaction: rights are checked, the message is marked handled, all is committed.

        Raises Refused, AlreadyHandled or Unavailable, which the dispatcher answers.
        """

        def allowed(desk: Desk) -> T:
            if self.command.who is Who.HOST:
                desk.in_charge()
            return use_case(desk, *args, **kwargs)

        found = await self.service.db.write(serve, self.service.house, self.visit, allowed)
        self.served = True
        if isinstance(found, Refused):
            raise found
        return found

    async def mark_seen(self) -> None:
        """Mark the message handled, for an answer that asked nothing of the database. May raise like `desk`."""
        await self.service.db.write(serve, self.service.house, self.visit, only_seen)

    async def post(self, part: Part) -> sending.Outcome:
        """Say something in the group beside the reply."""
        return await sending.post(self.bot, self.visit.group_id, part)

    async def upload(self, name: str, body: bytes) -> bool:
        return await sending.upload(self.bot, self.visit.group_id, name, body)

    def usage(self) -> Reply:
        """One line for a command that came without what it needs."""
        return Reply(f"用法：{self.command.usage}　例：{self.command.example}")

    async def quoted(self) -> Quoted | None:
        """The message that this one replies to, or None without one. Refused when it can no longer be read."""
        if self.said.reply_to is None:
            return None
        reply = self.event.reply
        if reply is not None:
            return self._quoted(reply.message, reply.sender.user_id, reply.sender.card or reply.sender.nickname)
        try:
            raw = await self.bot.call_api("get_msg", message_id=self.said.reply_to)
        except (ActionFailed, NetworkError):
            raw = None
        if not isinstance(raw, dict) or raw.get("status") == "deleted":  # pyright: ignore[reportUnknownMemberType]
            raise Refused("被回复的那条消息读不到了，请把链接直接发给我")
        answer = cast(dict[str, Any], raw)
        sender = cast(dict[str, Any], answer.get("sender") or {})
        return self._quoted(
            as_message(answer.get("message")), sender.get("user_id"), sender.get("card") or sender.get("nickname")
        )

    def _quoted(self, message: Any, qq: object, name: object) -> Quoted:
        said = read(message, self.bot.self_id)
        known = isinstance(qq, int) and str(qq) != self.bot.self_id
        return Quoted(said, Person(qq, clean_name(str(name or ""))) if known and isinstance(qq, int) else None)

    @property
    def in_group(self) -> bool:
        return isinstance(self.event, GroupMessageEvent)
