"""Warnings for a host, sent in private."""

from collections.abc import Sequence

from plugins._chat.commands.call import Call
from plugins._talk.deliveries.reminders import to_look_at


async def warn(call: Call, number: int, warnings: Sequence[str], again: str) -> list[str]:
    """Send the warnings about a talk to the requester in private; if that fails, return a line for the reply."""
    if not warnings or await call.whisper(to_look_at(number, call.service.series.host.name, warnings)):
        return []
    return [f"有 {len(warnings)} 处要留意，私聊没发出去：加我好友后再发一次 {again}"]
