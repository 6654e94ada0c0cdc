"""A group's history as QQ's side keeps it: reading a page of it, and finding there what may have been sent."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from nonebot.adapters.onebot.v11 import Bot, MessageSegment

from plugins._chat.forwards import NotReadable, said_in
from plugins._chat.message import as_message, as_number, moment
from plugins._chat.sending import Fate, Outcome, attempt
from plugins._talk.deliveries import Forward, Part, Picture, Whisper
from plugins._talk.render.rich import At

PAGE = 50
SKEW = timedelta(minutes=1)  # between our clock and QQ's


async def page(bot: Bot, group_id: int, before: object = None) -> tuple[Outcome, list[dict[str, Any]] | None]:
    """The newest messages of a group, or those up to one, oldest first; None where they cannot be had."""
    params: dict[str, Any] = {"group_id": group_id, "count": PAGE}
    if before is not None:
        params["message_seq"] = before
    outcome = await attempt(bot, "get_group_msg_history", **params)
    found = (outcome.data or {}).get("messages") if outcome.fate is Fate.SENT else None
    if not isinstance(found, list):
        return outcome, None
    return outcome, [cast(dict[str, Any], each) for each in cast(list[object], found) if isinstance(each, dict)]


def digest(part: Part) -> str:
    """By what a part is known again: its words, whatever spaces QQ makes of them."""
    if isinstance(part, Forward):
        return _digest(node.text for node in part.nodes)
    if isinstance(part, Picture | Whisper):
        return _digest([part.caption if isinstance(part, Picture) else part.text])
    return _digest(f"@{each.qq}" if isinstance(each, At) else each for each in part)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256(re.sub(r"\s", "", "".join(texts)).encode()).hexdigest()


async def find(bot: Bot, group_id: int, known_by: str, account: int | None, since: datetime) -> Outcome:
    """Look for something of ours that may have been said since then.

    SENT with its id when it is there; REJECTED when it is not in what the history shows; anything else when
    nobody could look.
    """
    outcome, messages = await page(bot, group_id)
    if messages is None:
        return outcome if outcome.fate is not Fate.SENT else Outcome(Fate.REJECTED, why="no history")
    for message in messages:
        sender = cast(dict[str, Any], message.get("sender") or {})
        by = as_number(message.get("user_id") or sender.get("user_id"))
        if moment(message.get("time")) < since - SKEW or (account is not None and by != account):
            continue
        if await _is(bot, list(as_message(message.get("message"))), known_by):
            return Outcome(Fate.SENT, as_number(message.get("message_id")))
    return Outcome(Fate.REJECTED, why="not in the history")


async def _is(bot: Bot, segments: list[MessageSegment], known_by: str) -> bool:
    if any(each.type == "forward" for each in segments):
        try:
            return _digest(said.text for said in await said_in(bot, segments)) == known_by
        except NotReadable:  # ours, sent since then, and nothing else can be known of it
            return True
    said = (
        f"@{each.data.get('qq')}" if each.type == "at" else str(each.data.get("text", ""))
        for each in segments
        if each.type in ("text", "at") and each.data.get("qq") != "all"
    )
    return _digest(said) == known_by
