"""The OneBot v11 adapter: what it listens to, and how it parses events."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from nonebot.adapters.onebot.v11 import Adapter, Event, GroupMessageEvent, Message, MessageEvent
from nonebot.drivers import HTTPServerSetup
from nonebot.exception import NoLogException

from plugins._chat.incoming.message import as_message


class ReverseWebSocket(Adapter):
    """The OneBot v11 adapter without its HTTP endpoints, which require no token.

    Quoted messages are not fetched for every message, only on demand (`Call.quoted`); an event that is not
    `is_of_use` (as OneBot sends it) goes no further.
    """

    is_of_use: ClassVar[Callable[[dict[str, Any]], bool]] = staticmethod(bool)  # replaced by who knows

    def setup_http_server(self, setup: HTTPServerSetup) -> None:
        """Set up no HTTP endpoints: the adapter's check only a signature, never the token."""

    @classmethod
    def json_to_event(cls, json_data: Any) -> Event | None:
        """Parse an event; the reply segment, which the adapter would look up, stays only in `original_message`."""
        if not isinstance(json_data, dict) or "post_type" not in json_data:
            return super().json_to_event(json_data)  # the answer to a call
        raw = cast(dict[str, Any], json_data)
        if not cls.is_of_use(raw):
            return None
        event = parsed(raw)
        if isinstance(event, MessageEvent):
            event.message = Message([each for each in event.message if each.type != "reply"])
        return event


class Discreet(GroupMessageEvent):
    """A group message of which NoneBot logs nothing: writing the line takes longer than many a message is worth."""

    def get_log_string(self) -> str:
        raise NoLogException(self.get_event_name())


def parsed(raw: dict[str, Any]) -> Event | None:
    """An event as OneBot sends it; None, and a word in the log, for what is none.

    The adapter's own way makes a new pydantic adapter for each event and for each segment, which costs as much as
    parsing them.
    """
    try:
        model = next(Adapter.get_event_model(raw))
        return model.model_validate(raw | {"message": as_message(raw["message"])} if "message" in raw else raw)
    except Exception:  # a more general model fits it, or none does
        return Adapter.json_to_event(raw)
