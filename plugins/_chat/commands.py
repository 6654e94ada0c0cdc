"""The registry of commands: feature plugins fill it; the dispatcher, the help and the manual read it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from plugins._chat.call import Call, Reply

Handler = Callable[[Call], Awaitable[Reply | None]]


class Who(Enum):
    """Whose command it is, as the help groups them. The use case sees to the rights: it knows which talk is meant."""

    MEMBER = "大家"
    HOST = "主持人、编辑、群管理"


class Takes(Enum):
    """What stands behind a command's word; the dispatcher reads it."""

    WORDS = "words"
    ITEM = "item"  # #7, 004#7, or a reply to the item's message; then words


@dataclass(frozen=True)
class Command:
    """One command. `basic` is its place among those that a member needs; `private` ones work in a private chat too.

    `host_help` is what it does for the host, where that is more than for everybody.
    """

    name: str
    alias: str
    usage: str
    help: str
    example: str
    handler: Handler
    who: Who = Who.MEMBER
    takes: Takes = Takes.WORDS
    basic: int | None = None
    private: bool = False
    host_help: str = ""

    @property
    def reminder(self) -> str:
        """One line for a command that came without what it needs."""
        return f"用法：{self.usage}　例：{self.example}"


class Commands:
    """All commands by their words."""

    def __init__(self) -> None:
        self._all: list[Command] = []
        self._by_word: dict[str, Command] = {}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._all)

    def add(self, command: Command) -> None:
        """Register a command under its name and its Chinese name. Raises ValueError when a word is taken."""
        for word in (command.name, command.alias):
            if word.casefold() in self._by_word:
                raise ValueError(f"two commands called {word}")
            self._by_word[word.casefold()] = command
        self._all.append(command)

    def find(self, word: str) -> Command | None:
        return self._by_word.get(word.casefold())

    def like(self, word: str) -> Command | None:
        """The command that `word` is probably a slip of, if any."""
        near = [each for each in self._by_word if len(word) > 2 and abs(len(each) - len(word)) <= 1]
        close = get_close_matches(word.casefold(), near, n=1, cutoff=0.75)
        return self._by_word[close[0]] if close else None


commands = Commands()
