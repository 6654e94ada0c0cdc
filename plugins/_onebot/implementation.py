"""A strict OneBot v11 implementation, by default in NapCat's manner: unknown actions get 1404, bad parameters 1400."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from plugins._onebot.dialects import NAPCAT, Dialect, Trouble
from plugins._onebot.group import Account, Group, Segment, Spoken, Stored

Json = dict[str, Any]
_SENDABLE = {"text", "at", "reply", "image", "face", "json", "record", "video", "markdown"}


class Failure(Exception):
    """Raised to answer an action with a failure."""

    def __init__(self, retcode: int, wording: str) -> None:
        super().__init__(wording)
        self.retcode = retcode


class Implementation:
    """One account in one group, connected to a bot over a reverse WebSocket.

    Each account has its own message ids: the group's ids offset by `shift`. `dialect` is whose manner it has, `trouble`
    what goes wrong with it; both may be changed while it runs.
    """

    def __init__(self, self_id: int, group: Group, shift: int = 0) -> None:
        self.self_id = self_id
        self.group = group
        self.shift = shift
        self.dialect: Dialect = NAPCAT
        self.trouble = Trouble.NONE
        self.calls: list[tuple[str, Json]] = []
        self.connected = asyncio.Event()
        self.private: list[tuple[int, list[Segment]]] = []
        self._socket: ClientConnection | None = None
        self._actions: dict[str, Callable[[Json], Any]] = {
            "send_group_msg": self._send_group_msg,
            "send_private_msg": self._send_private_msg,
            "send_group_forward_msg": self._send_group_forward_msg,
            "get_forward_msg": self._get_forward_msg,
            "get_msg": self._get_msg,
            "get_group_msg_history": self._get_group_msg_history,
            "delete_msg": self._delete_msg,
            "set_msg_emoji_like": self._set_msg_emoji_like,
            "set_group_reaction": self._set_group_reaction,
            "upload_group_file": self._upload_group_file,
            "get_group_root_files": self._get_group_root_files,
            "delete_group_file": self._delete_group_file,
            "get_file": self._get_file,
            "get_group_member_info": self._get_group_member_info,
            "get_group_member_list": self._get_group_member_list,
            "get_group_info": self._get_group_info,
            "get_group_at_all_remain": self._get_group_at_all_remain,
            "get_login_info": lambda _: {"user_id": self.self_id, "nickname": self._account(self.self_id).nickname},
            "get_status": lambda _: {"online": self.trouble is not Trouble.OFFLINE, "good": True, "stat": {}},
            "get_version_info": lambda _: {
                "app_name": self.dialect.app_name,
                "protocol_version": "v11",
                "app_version": self.dialect.app_version,
            },
        }

    # Transport

    async def serve(self, url: str, token: str | None = None, retry: float | None = None) -> None:
        """Connect to the bot and serve it until the connection ends; reconnect every `retry` seconds if given."""
        headers = {"X-Self-ID": str(self.self_id), "X-Client-Role": "Universal"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        while True:
            with suppress(OSError, TimeoutError, InvalidHandshake, WebSocketException):
                async with connect(url, additional_headers=headers, max_size=None, proxy=None) as socket:
                    await self._talk(socket)
            if retry is None:
                return
            await asyncio.sleep(retry)

    async def _talk(self, socket: ClientConnection) -> None:
        self._socket = socket
        await self.emit(post_type="meta_event", meta_event_type="lifecycle", sub_type="connect")
        self.connected.set()
        try:
            async for frame in socket:
                request = cast(Json, json.loads(frame))
                answer = await self.answer(str(request.get("action")), cast(Json, request.get("params") or {}))
                if answer is not None:
                    await socket.send(json.dumps({**answer, "echo": request.get("echo")}))
        finally:
            self._socket = None
            self.connected.clear()

    async def emit(self, **event: Any) -> None:
        """Send an event to the bot, if it is connected."""
        if self._socket is not None:
            whole = {"time": int(self.group.now()), "self_id": self.self_id, **event}
            with suppress(WebSocketException):
                await self._socket.send(json.dumps(whole))

    async def answer(self, action: str, params: Json) -> Json | None:
        """The response to an action, without echo; None for no response."""
        self.calls.append((action, params))
        sends = action.startswith(("send_", "upload_"))
        if sends and self.trouble is Trouble.SILENT:
            return None
        try:
            handler = None if action in self.dialect.lacks else self._actions.get(action)
            if handler is None:
                raise Failure(self.dialect.unknown, f"不支持的Api {action}")
            if sends and self.trouble in (Trouble.REJECTED, Trouble.OFFLINE):
                raise Failure(1200, "发送失败" if self.trouble is Trouble.REJECTED else "账号不在线")
            data = handler(params)
        except Failure as failure:
            return self._failed(failure)
        return {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""}

    def _failed(self, failure: Failure) -> Json:
        """A failure as this dialect tells it."""
        retcode = self.dialect.rejected if failure.retcode == 1200 else failure.retcode
        wording = str(failure) if self.dialect.wording else ""
        return {"status": "failed", "retcode": retcode, "data": None, "message": wording, "wording": wording}

    # Actions of members

    async def say(self, user_id: int, segments: list[Segment]) -> Spoken:
        """Add a member's message to the group and report it to the bot."""
        spoken = self.group.speak(user_id, segments)
        await self.emit(**self.event(spoken))
        return spoken

    async def hear(self, spoken: Spoken) -> None:
        """Report a group message to the bot, unless it is the bot's own."""
        if spoken.user_id != self.self_id:
            await self.emit(**self.event(spoken))

    async def mute(self, user_id: int, seconds: int) -> None:
        """Mute a member (0: everybody) for `seconds` (0: unmute) and report it to the bot."""
        if user_id == 0:
            self.group.all_muted = seconds != 0
        else:
            self.group.muted[user_id] = self.group.now() + seconds
        await self.emit(
            post_type="notice",
            notice_type="group_ban",
            sub_type="ban" if seconds else "lift_ban",
            group_id=self.group.group_id,
            user_id=user_id,
            operator_id=0,
            duration=-1 if user_id == 0 and seconds else seconds,
        )

    async def leave(self, user_id: int) -> None:
        """Remove a member from the group and report it to the bot."""
        self.group.accounts.pop(user_id)
        await self.emit(
            post_type="notice",
            notice_type="group_decrease",
            sub_type="leave",
            group_id=self.group.group_id,
            user_id=user_id,
            operator_id=0,
        )

    async def beat(self, *, online: bool) -> None:
        """Send a heartbeat event; real implementations send one every 30 s."""
        await self.emit(
            post_type="meta_event",
            meta_event_type="heartbeat",
            status={"online": online, "good": True},
            interval=30000,
        )

    async def recall(self, message_id: int, operator: int) -> None:
        """Recall a message and report it to the bot."""
        message = self.group.find(message_id)
        if message is not None:
            self.group.recall(message, operator)
            await self.emit(
                post_type="notice",
                notice_type="group_recall",
                group_id=self.group.group_id,
                user_id=message.user_id,
                operator_id=operator,
                message_id=message_id,
            )

    async def react(self, user_id: int, message_id: int, emoji: str, *, added: bool = True) -> None:
        """Add or remove a member's reaction and report it to the bot."""
        message = self.group.find(message_id)
        if message is not None and self.group.react(message, user_id, emoji, added):
            await self.emit(
                post_type="notice",
                notice_type="group_msg_emoji_like",
                group_id=self.group.group_id,
                user_id=user_id,
                message_id=message_id,
                likes=[{"emoji_id": emoji, "count": sum(each == emoji for each, _ in message.reactions)}],
                is_add=added,
            )

    def event(self, spoken: Spoken) -> Json:
        """A message event in NapCat's format."""
        account = self._account(spoken.user_id)
        return {
            "post_type": "message",
            "message_type": "group",
            "sub_type": "normal",
            "time": spoken.time,
            "self_id": self.self_id,
            "user_id": spoken.user_id,
            "group_id": self.group.group_id,
            "group_name": self.group.name,
            "message_id": spoken.message_id + self.shift,
            "message_seq": spoken.message_id + self.shift,
            "real_id": spoken.message_id + self.shift,
            "real_seq": str(spoken.seq),
            "raw_message": "".join(str(each["data"].get("text", "")) for each in spoken.segments),
            "font": 14,
            "message_format": "array",
            "message": spoken.segments,
            "sender": {
                "user_id": account.user_id,
                "nickname": account.nickname,
                "card": account.card,
                "role": account.role,
            },
        }

    def _account(self, user_id: int) -> Account:
        return self.group.accounts.get(user_id) or Account(user_id, str(user_id))

    # API actions

    def _in_group(self, params: Json) -> None:
        if _number(params, "group_id") != self.group.group_id:
            raise Failure(1200, f"群({params['group_id']})不存在")

    def _known(self, params: Json) -> Spoken | None:
        return self.group.find(_number(params, "message_id") - self.shift)

    def _speak(self, segments: list[Segment]) -> Spoken:
        if not self.group.may_speak(self.self_id):
            raise Failure(1200, "当前处于被禁言状态")
        return self.group.speak(self.self_id, segments)

    def _message(self, params: Json) -> list[Segment]:
        message = params.get("message")
        if not isinstance(message, list) or not message:
            raise Failure(1400, "message: 应为非空的消息段数组")
        segments = cast(list[Segment], message)
        for segment in segments:
            if segment.get("type") not in _SENDABLE:
                raise Failure(1200, f"未知的消息类型：{segment.get('type')}")
            if segment["type"] == "text" and not isinstance(segment["data"].get("text"), str):
                raise Failure(1400, "text: 缺少 text")
        if not any(each["type"] != "reply" for each in segments):
            raise Failure(1200, "消息体无法解析, 请检查是否发送了不支持的消息类型")
        return segments

    def _send_group_msg(self, params: Json) -> Json:
        self._in_group(params)
        segments = self._message(params)
        if any(each["type"] == "at" and each["data"].get("qq") == "all" for each in segments):
            if not self.group.at_all_left:
                raise Failure(1200, "Timeout: @全体成员 没有剩余次数")
            self.group.at_all_left -= 1
        return {"message_id": self._speak(segments).message_id + self.shift}

    def _send_private_msg(self, params: Json) -> Json:
        self.private.append((_number(params, "user_id"), self._message(params)))
        self.group.watch("private", self.private[-1])
        return {"message_id": self.group.first_id - len(self.private)}

    def _send_group_forward_msg(self, params: Json) -> Json:
        self._in_group(params)
        messages = params.get("messages")
        nodes = cast(list[Segment], messages) if isinstance(messages, list) else []
        if not nodes or any(each.get("type") != "node" for each in nodes):
            raise Failure(1400, "转发消息不能和普通消息混在一起发送,转发需要保证message只有type为node的元素")
        for node in nodes:
            data = node["data"]
            if not isinstance(data.get("user_id"), str) or not isinstance(data.get("content"), list):
                raise Failure(1400, "node: user_id 应为字符串，content 应为消息段数组")
        forward_id = self.group.keep_forward(nodes)
        spoken = self._speak([{"type": "forward", "data": {"id": forward_id}}])
        return {"message_id": spoken.message_id + self.shift, "res_id": forward_id, "forward_id": forward_id}

    def _get_forward_msg(self, params: Json) -> Json:
        nodes = self.group.forwards.get(str(params.get("id") or params.get("message_id")))
        if nodes is None:
            raise Failure(1200, "消息已过期或者为内层消息，无法获取转发消息")
        return {"messages": nodes}

    def _get_msg(self, params: Json) -> Json:
        message = self._known(params)
        if message is None:
            raise Failure(1200, "消息不存在")
        return self.event(message)

    def _get_group_msg_history(self, params: Json) -> Json:
        self._in_group(params)
        there = [message for message in self.group.messages if message.recalled_by is None]
        if params.get("message_seq"):
            there = [each for each in there if each.message_id + self.shift <= _number(params, "message_seq")]
        if not there:
            raise Failure(1200, "消息undefined不存在")
        return {"messages": [self.event(each) for each in there[-int(params.get("count", 20)) :]]}

    def _delete_msg(self, params: Json) -> None:
        message = self._known(params)
        if message is None or message.user_id != self.self_id:
            raise Failure(1200, "Recall failed")
        self.group.recall(message, self.self_id)

    def _set_msg_emoji_like(self, params: Json) -> Json:
        message = self._known(params)
        if message is None:
            raise Failure(1200, "msg not found")
        self.group.react(message, self.self_id, str(_number(params, "emoji_id")), params.get("set") is not False)
        return {"result": 0, "errMsg": ""}

    def _set_group_reaction(self, params: Json) -> None:
        message = self._known(params)
        if message is None:
            raise Failure(1200, "msg not found")
        added = params.get("is_add") is not False
        self.group.react(message, self.self_id, str(_number(params, "code")), added)

    def _upload_group_file(self, params: Json) -> Json:
        self._in_group(params)
        file, name = params.get("file"), params.get("name")
        if not isinstance(file, str) or not isinstance(name, str) or not name:
            raise Failure(1400, "file, name: 缺少参数")
        if self.dialect.files_by_path and Path(file).is_file():
            return {"file_id": self.group.store(name, Path(file).read_bytes(), self.self_id).file_id}
        if self.dialect.files_by_path or not file.startswith("base64://"):
            raise Failure(1200, f"识别URL失败, uri= {file[:80]}")
        try:
            body = base64.b64decode(file.removeprefix("base64://"), validate=True)
        except binascii.Error:
            raise Failure(1200, "base64 解码失败") from None
        return {"file_id": self.group.store(name, body, self.self_id).file_id}

    def _get_group_root_files(self, params: Json) -> Json:
        self._in_group(params)
        files = [
            {
                "file_id": each.file_id,
                "file_name": each.name,
                "busid": 102,
                "size": len(each.body),
                "uploader": each.uploader,
            }
            for each in self.group.files
        ]
        return {"files": files, "folders": []}

    def _file(self, params: Json) -> Stored:
        found = next((each for each in self.group.files if each.file_id == params.get("file_id")), None)
        if found is None:
            raise Failure(1200, "file not found")
        return found

    def _delete_group_file(self, params: Json) -> Json:
        self._in_group(params)
        self.group.files.remove(self._file(params))
        return {"result": 0}

    def _get_file(self, params: Json) -> Json:
        found = self._file(params)
        return {"file_name": found.name, "base64": base64.b64encode(found.body).decode()}

    def _member(self, account: Account) -> Json:
        return {
            "group_id": self.group.group_id,
            "user_id": account.user_id,
            "nickname": account.nickname,
            "card": account.card,
            "role": account.role,
            "join_time": 1_690_000_000,
            "shut_up_timestamp": int(self.group.muted.get(account.user_id, 0)),
            "is_robot": False,
        }

    def _get_group_member_info(self, params: Json) -> Json:
        self._in_group(params)
        account = self.group.accounts.get(_number(params, "user_id"))
        if account is None:
            raise Failure(1200, f"群({self.group.group_id})成员{params['user_id']}不存在")
        return self._member(account)

    def _get_group_info(self, params: Json) -> Json:
        self._in_group(params)
        return {
            "group_id": self.group.group_id,
            "group_name": self.group.name,
            "group_all_shut": -1 if self.group.all_muted else 0,
            "member_count": len(self.group.accounts),
            "max_member_count": 500,
        }

    def _get_group_at_all_remain(self, params: Json) -> Json:
        self._in_group(params)
        left = self.group.at_all_left
        return {"can_at_all": True, "remain_at_all_count_for_group": left, "remain_at_all_count_for_uin": left}

    def _get_group_member_list(self, params: Json) -> list[Json]:
        self._in_group(params)
        return [self._member(account) for account in self.group.accounts.values()]


def _number(params: Json, name: str) -> int:
    try:
        return int(str(params.get(name)))
    except ValueError:
        raise Failure(1400, f"{name}: 应为数字") from None
