"""How far the groups have been heard."""

from dataclasses import dataclass, field


@dataclass
class Listening:
    """By group. What is said in a group counts as heard only once the bot has caught up with it.

    `begun` are those that this process is the first to listen to, until their history is read.

    `newest_seq` is the group's own number of the last message in its history when it was caught up with;
    `last_heard` the id and the second of the last message since then that the database does not know of yet.
    """

    begun: set[int] = field(default_factory=set[int])
    caught_up: set[int] = field(default_factory=set[int])
    catching_up: set[int] = field(default_factory=set[int])
    newest_seq: dict[int, int] = field(default_factory=dict[int, int])
    last_heard: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    def hear(self, group_id: int, message_id: int, second: int, seq: int | None) -> bool:
        """A message was heard; True where it is known to be new, and no replay of what was read back."""
        self.last_heard[group_id] = (message_id, second)
        is_new = seq is None or seq > self.newest_seq.get(group_id, -1)
        return is_new and group_id in self.caught_up and group_id not in self.catching_up

    def heard_in_full(self) -> set[int]:
        """The groups in which nothing up to `last_heard` was missed."""
        return self.caught_up - self.catching_up
