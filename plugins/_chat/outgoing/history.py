"""A group's message history from the OneBot implementation: paging backwards, and finding the bot's own messages.

Implementations page in different ways (source: NapCat#441, #987 and their sources): anchored by `message_seq` or by
`message_id`, returning messages before or after the anchor, in either order. So both anchors are sent, the result is
sorted, and a page with nothing older than its anchor is requested again with `reverse_order` inverted.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from nonebot.adapters.onebot.v11 import Bot, MessageSegment

from plugins._chat.incoming.forwards import NotReadable, said_in
from plugins._chat.incoming.message import as_message, as_number, from_timestamp
from plugins._chat.outgoing.sending import Fate, Outcome, attempt
from plugins._talk.deliveries.parts import Forward, Image, Part, Whisper
from plugins._talk.render.rich import Mention, Rich

PAGE = 50
MOST_PAGES = 60
SKEW = timedelta(minutes=1)  # between our clock and QQ's
Raw = dict[str, Any]
Identity = tuple[int, int | None]  # message id and the group's sequence number: ids are reused


class Shut(Exception):
    """The history cannot be read; `outcome` is that of the API call."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


async def pages_back(bot: Bot, group_id: int, most: int = MOST_PAGES) -> AsyncIterator[list[Raw]]:
    """Yield a group's messages, newest page first, each page sorted oldest first, without duplicates.

    Ends with the history, or after `most` pages. Raises Shut if the first page cannot be read.
    """
    seen: set[Identity] = set()
    anchor: Raw | None = None
    before = True  # value of `reverse_order` that returns messages before the anchor
    for number in range(most):
        new: list[Raw] = []
        for way in (before, not before) if anchor else (before,):
            outcome, page = await _page(bot, group_id, anchor, reverse=way)
            if page is None and number == 0:
                raise Shut(outcome)
            older = [each for each in page or () if identity(each) not in seen]
            new = [each for each in older if anchor is None or _place(each) <= _place(anchor)]
            if new:
                before = way
                break
        if not new:
            return
        seen.update(map(identity, new))
        new.sort(key=_place)
        anchor = new[0]
        yield new


async def _page(bot: Bot, group_id: int, anchor: Raw | None, *, reverse: bool) -> tuple[Outcome, list[Raw] | None]:
    params: dict[str, Any] = {"group_id": group_id, "count": PAGE}
    if anchor is not None:
        params["message_seq"] = anchor.get("message_seq") or anchor.get("message_id")
        params["message_id"] = anchor.get("message_id") or anchor.get("message_seq")
        params |= {"reverse_order": reverse, "reverseOrder": reverse}
    outcome = await attempt(bot, "get_group_msg_history", **params)
    found = (outcome.data or {}).get("messages") if outcome.fate is Fate.SENT else None
    if not isinstance(found, list):
        return outcome, None
    return outcome, [cast(Raw, each) for each in cast(list[object], found) if isinstance(each, dict)]


def _place(message: Raw) -> tuple[datetime, int]:
    """Sort key: the timestamp (in seconds), then the group's sequence number."""
    return from_timestamp(message.get("time")), seq_of(message) or 0


def identity(message: Raw) -> Identity:
    return as_number(message.get("message_id")) or 0, seq_of(message)


def seq_of(message: Raw) -> int | None:
    """The group's sequence number of a message: NapCat's `real_seq`, else `message_seq` if it differs from the id."""
    number = as_number(message.get("real_seq"))
    if number is None and str(message.get("message_seq")) != str(message.get("message_id")):
        number = as_number(message.get("message_seq"))
    return number or None


def holes(messages: Sequence[Raw]) -> list[tuple[int, int]]:
    """The gaps (first, last) in the sequence numbers of these messages, in ascending order.

    Only NapCat's `real_seq` is contiguous.
    """
    numbers = sorted({number for each in messages if (number := as_number(each.get("real_seq")))})
    return [(one + 1, other - 1) for one, other in pairwise(numbers) if other > one + 1]


# Finding the bot's own messages


def digest(part: Part) -> str:
    """A digest of a part's text without whitespace, which QQ may change."""
    if isinstance(part, Forward):
        return _digest(node.text for node in part.nodes)
    if isinstance(part, Image | Whisper):
        return _digest([part.caption if isinstance(part, Image) else part.text])
    return _digest(_plain(part))


def _plain(text: Rich) -> list[str]:
    return [f"@{each.qq}" if isinstance(each, Mention) else each for each in text]


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256(re.sub(r"\s", "", "".join(texts)).encode()).hexdigest()


def heading(part: Part) -> str | None:
    """The beginning of a text part's first line, which identifies it even if details have changed since."""
    return _heading("".join(_plain(part))) if isinstance(part, tuple) else None


def _heading(text: str) -> str:
    return re.sub(r"\s", "", re.split(r"[！，：（]", text.strip().partition("\n")[0])[0])


async def find(bot: Bot, group_id: int, known_by: str, account: int | None, since: datetime) -> Outcome:
    """Search the history for a message of the bot with digest `known_by`, sent since `since`.

    SENT with its id if found; REJECTED if it is not in the visible history; anything else if the history could not
    be read.
    """
    try:
        async for message in _own_since(bot, group_id, account, since):
            if await _is(bot, list(as_message(message.get("message"))), known_by):
                return Outcome(Fate.SENT, as_number(message.get("message_id")))
    except Shut as shut:
        return shut.outcome if shut.outcome.fate is not Fate.SENT else Outcome(Fate.REJECTED, why="no history")
    return Outcome(Fate.REJECTED, why="not in the history")


async def find_heading(bot: Bot, group_id: int, known_by: str, since: datetime) -> Outcome:
    """Like `find`, for a text of this account that begins with the heading `known_by`."""
    try:
        async for message in _own_since(bot, group_id, int(bot.self_id), since):
            if _heading("".join(_words(as_message(message.get("message"))))) == known_by:
                return Outcome(Fate.SENT, as_number(message.get("message_id")))
    except Shut as shut:
        return shut.outcome if shut.outcome.fate is not Fate.SENT else Outcome(Fate.REJECTED, why="no history")
    return Outcome(Fate.REJECTED, why="not in the history")


async def _own_since(bot: Bot, group_id: int, account: int | None, since: datetime) -> AsyncIterator[Raw]:
    """Messages of an account (None: any) since `since`, newest page first. Raises Shut."""
    async for page in pages_back(bot, group_id):
        for message in page:
            sender = cast(Raw, message.get("sender") or {})
            by = as_number(message.get("user_id") or sender.get("user_id"))
            if from_timestamp(message.get("time")) >= since - SKEW and (account is None or by == account):
                yield message
        if from_timestamp(page[0].get("time")) < since - SKEW:
            return


async def _is(bot: Bot, segments: list[MessageSegment], known_by: str) -> bool:
    if any(each.type == "forward" for each in segments):
        try:
            return _digest(said.text for said in await said_in(bot, segments)) == known_by
        except NotReadable:  # sent by the account since then; the content cannot be checked
            return True
    return _digest(_words(segments)) == known_by


def _words(segments: Iterable[MessageSegment]) -> list[str]:
    return [
        f"@{each.data.get('qq')}" if each.type == "at" else str(each.data.get("text", ""))
        for each in segments
        if each.type in ("text", "at") and each.data.get("qq") != "all"
    ]
