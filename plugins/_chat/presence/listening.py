"""Tracks the last received message of each group."""

from collections import deque
from dataclasses import dataclass, field

MOST_OWN = 500


@dataclass
class Listening:
    """Receive state by group. Messages count as received only once the bot has caught up with the group.

    `begun` are groups whose mark this process has created and whose history is not read yet.

    `newest_seq` is the group's sequence number of the last message in its history when it was caught up with;
    `last_heard` the id and timestamp of the last message since then that is not stored in the database yet. `own` are
    the ids of the bot's last answers. `awaited` are the hosts of a talk that nobody has started at its time: their QQ
    numbers, with the talk's.
    """

    begun: set[int] = field(default_factory=set[int])
    caught_up: set[int] = field(default_factory=set[int])
    catching_up: set[int] = field(default_factory=set[int])
    newest_seq: dict[int, int] = field(default_factory=dict[int, int])
    last_heard: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    awaited: dict[int, int] = field(default_factory=dict[int, int])
    own: deque[int] = field(default_factory=lambda: deque[int](maxlen=MOST_OWN))

    def say(self, message_id: int) -> None:
        """Record an answer of the bot's."""
        self.own.append(message_id)

    def hear(self, group_id: int, message_id: int, second: int, seq: int | None) -> bool:
        """Record a received message; True if it is known to be new, not one already read from the history."""
        self.last_heard[group_id] = (message_id, second)
        is_new = seq is None or seq > self.newest_seq.get(group_id, -1)
        return is_new and group_id in self.caught_up and group_id not in self.catching_up

    def heard_in_full(self) -> set[int]:
        """The groups in which no message up to `last_heard` was missed."""
        return self.caught_up - self.catching_up
