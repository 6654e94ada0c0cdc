"""What a host should look at, told to the host alone."""

from collections.abc import Sequence

from plugins._chat.commands.call import Call
from plugins._talk.deliveries.reminders import to_look_at


async def warn(call: Call, number: int, warnings: Sequence[str], again: str) -> list[str]:
    """Tell who asked the warnings about a talk, in private; a row for the reply where that does not arrive."""
    if not warnings or await call.whisper(to_look_at(number, call.service.series.host.name, warnings)):
        return []
    return [f"有 {len(warnings)} 处要留意，私聊没发出去：加我好友后再发一次 {again}"]
