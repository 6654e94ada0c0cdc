"""An in-memory QQ group: its members, messages and files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Segment = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """A member of the group. `role` is owner, admin or member."""

    user_id: int
    nickname: str
    card: str = ""
    role: str = "member"


@dataclass(kw_only=True)
class Spoken:
    """A message in the group. Its reactions are pairs of QQ's emoji id and the member's QQ number."""

    message_id: int
    seq: int
    time: int
    user_id: int
    segments: list[Segment]
    recalled_by: int | None = None
    reactions: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


@dataclass(frozen=True)
class Stored:
    """A file in the group, or a picture that was sent to it."""

    file_id: str
    name: str
    body: bytes
    uploader: int = 0


@dataclass(kw_only=True)
class Group:
    """One group. Ids count up from `first_id`; `watch` is called on every change.

    `muted` maps members to the end of their mute (seconds); with `all_muted` only owner and admins may speak.
    `at_all_left` is the remaining quota for @ everybody.
    """

    group_id: int
    name: str
    accounts: dict[int, Account]
    first_id: int
    now: Callable[[], float]
    watch: Callable[[str, Any], None] = lambda _what, _thing: None
    messages: list[Spoken] = field(default_factory=list[Spoken])
    files: list[Stored] = field(default_factory=list[Stored])
    forwards: dict[str, list[Segment]] = field(default_factory=dict[str, list[Segment]])
    muted: dict[int, float] = field(default_factory=dict[int, float])
    all_muted: bool = False
    at_all_left: int = 0

    def speak(self, user_id: int, segments: list[Segment]) -> Spoken:
        """Add a member's message."""
        seq = len(self.messages) + 1
        spoken = Spoken(
            message_id=self.first_id + seq, seq=seq, time=int(self.now()), user_id=user_id, segments=segments
        )
        self.messages.append(spoken)
        self.watch("message", spoken)
        return spoken

    def may_speak(self, user_id: int) -> bool:
        account = self.accounts.get(user_id)
        is_admin = account is not None and account.role in ("owner", "admin")
        return self.muted.get(user_id, 0) <= self.now() and (is_admin or not self.all_muted)

    def find(self, message_id: int) -> Spoken | None:
        """Look up a message that was not recalled."""
        return next((m for m in self.messages if m.message_id == message_id and m.recalled_by is None), None)

    def recall(self, message: Spoken, operator: int) -> None:
        message.recalled_by = operator
        self.watch("recall", message)

    def react(self, message: Spoken, user_id: int, emoji: str, added: bool) -> bool:
        """Add or remove a member's reaction to a message; False if that changes nothing."""
        mine = (emoji, user_id)
        if (mine in message.reactions) == added:
            return False
        message.reactions.append(mine) if added else message.reactions.remove(mine)
        self.watch("reaction", message)
        return True

    def keep_forward(self, nodes: list[Segment]) -> str:
        """Keep the nodes of a merged forward; returns the id that a message refers to it by."""
        forward_id = f"forward-{self.first_id + len(self.messages)}"
        self.forwards[forward_id] = nodes
        return forward_id

    def store(self, name: str, body: bytes, sender: int) -> Stored:
        """Add a file to the group; it is shown as a message."""
        stored = Stored(f"/{self.first_id + len(self.messages)}", name, body, sender)
        self.files.append(stored)
        data = {"file": name, "file_id": stored.file_id, "file_size": str(len(body))}
        self.speak(sender, [{"type": "file", "data": data}])
        return stored
