"""The registry of commands: feature plugins fill it; the dispatcher, the help and the manual read it."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, Flag, auto

from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.references import references

Handler = Callable[[Call], Awaitable[Reply | None]]


class Who(Enum):
    """User group of a command, for grouping the help. Permissions are checked by the use case, which knows the talk."""

    MEMBER = "大家"
    HOST = "有主持权限的人"
    ADMIN = "群主、群管理"

    def called(self, in_charge: str) -> str:
        """What the help calls them; `in_charge` are the series' names for the roles with host rights."""
        return f"{in_charge}、群管理" if self is Who.HOST else self.value


class Takes(Flag):
    """The arguments of a command; the dispatcher parses them and replies with the usage if one is missing."""

    WORDS = 0  # optional text
    SOME_WORDS = auto()  # required text
    PICTURES = auto()  # with SOME_WORDS: pictures will do too
    ITEM = auto()  # #7, 004#7, or a reply to the item's message; then text
    QUESTION = auto()  # Q3, 004Q3, or a reply to the question's message; then text
    EITHER = ITEM | QUESTION  # for a reply and a number alone, which of the two is resolved later
    OPTIONAL = auto()  # with those: may be left out
    SEVERAL = auto()  # with those: #4 #6
    LINKS = auto()  # files links: their section's command may stand behind them, and several in one message


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. `basic` is its position in the short help for members; `private` ones work in private chats too.

    `names` are further names that people try, `shortcuts` names that stand for it with an argument (`上期`); they yield
    to any other command's name. An `exact` command, which ends or moves something for all, must be written as it is
    called. `reply` is what people write, without a slash, in reply to the bot's message about an item or a question;
    its group `argument` is the argument. One that takes links may know its categories (`headings`), and accept what has
    no link (`nominates`).
    `late`: run it even if it was sent while the bot was offline; False for look-ups. `undoable`: `/undo` takes it back.
    `host_help` is the help text for hosts, if the command does more for them.
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
    late: bool = True
    host_help: str = ""
    names: tuple[str, ...] = ()
    shortcuts: Mapping[str, str] = field(default_factory=dict[str, str])
    exact: bool = False
    reply: re.Pattern[str] | None = None
    undoable: bool = False
    headings: frozenset[str] = frozenset()
    nominates: bool = False

    @property
    def needs_words(self) -> bool:
        """Whether it means nothing without text."""
        return Takes.SOME_WORDS in self.takes or "<" in self.usage

    def told(self, text: str, by: str) -> str:
        """The usage or example `text` with the command name that the user typed."""
        return text.replace(f"/{self.name}", f"/{by}", 1)

    def quotes_help(self, argument: str) -> bool:
        """Whether the argument is the command's own help text, pasted back."""
        names = tuple(f"（/{each}" for each in (self.name, self.alias))
        usage = self.usage.removeprefix(f"/{self.name}").strip()
        pasted = argument == usage and not usage.isalnum()  # a word is to be sent as it is
        return argument.startswith(names) or (bool(argument) and pasted)

    def fits(self, argument: str, *, replies: bool) -> bool:
        """Whether `argument` could be meant for this command; `replies`: the message replies to another one."""
        if self.takes & Takes.EITHER and Takes.OPTIONAL not in self.takes:
            return replies or bool(references(argument)[0])
        return bool(argument) or replies or "<" not in self.usage

    def which(self, by: str) -> str:
        """The answer to a command that does not say which item or question it means."""
        kind = "个" if Takes.ITEM not in self.takes else "条"
        return f"要{self.alias}哪{kind}？回复它发 /{by}，或 {self.told(self.example, by)}"

    def reminder(self, by: str) -> str:
        """The usage line, for a command without its required argument."""
        return f"用法：{self.told(self.usage, by)}　例：{self.told(self.example, by)}"


@dataclass(frozen=True)
class Name:
    """A word that people may type for a command, and the argument that it stands for as well ("" for none)."""

    word: str
    command: Command
    argument: str = ""


class Commands:
    """All commands, indexed by their names."""

    def __init__(self) -> None:
        self._all: list[Command] = []
        self._by_word: dict[str, Name] = {}
        self._shortcuts: dict[str, Name] = {}
        self.clashes: list[str] = []

    def __iter__(self) -> Iterator[Command]:
        """Iterate in help order: the basic commands first."""
        return iter(sorted(self._all, key=lambda each: (each.basic is None, each.basic or 0)))

    def add(self, *commands: Command) -> None:
        """Register commands under their names. One that is taken stays the first one's and is noted in `clashes`.

        A shortcut that several commands have is the first one's.
        """
        for command in commands:
            for word in dict.fromkeys(each.casefold() for each in (command.name, command.alias, *command.names)):
                if (other := self._by_word.get(word)) is not None:
                    self.clashes.append(f"/{command.alias} 和 /{other.command.alias} 都叫 {word}")
                self._by_word.setdefault(word, Name(word, command))
            for word, argument in command.shortcuts.items():
                self._shortcuts.setdefault(word.casefold(), Name(word, command, argument))
            self._all.append(command)

    def named(self, word: str) -> Name | None:
        """The name that this word is."""
        return self._by_word.get(word.casefold()) or self._shortcuts.get(word.casefold())

    def longest(self, run: str) -> Name | None:
        """The longest name with which a run of characters begins."""
        return next((found for end in range(len(run), 0, -1) if (found := self.named(run[:end]))), None)

    def find(self, word: str) -> Command | None:
        name = self.named(word)
        return name.command if name else None

    def first_steps(self) -> str:
        """Three things to do, each ready to copy: the first of the basic commands."""
        steps = [each for each in self if each.basic is not None][:3]
        return "\n".join(f"{each.help.partition('（')[0]}：{each.told(each.example, each.alias)}" for each in steps)

    def like(self, word: str, argument: str = "", *, replies: bool = True) -> Command | None:
        """The command that `word` is probably a misspelling of, if any; the argument must fit the command."""
        near = [each for each in self._by_word if len(word) > 2 and abs(len(each) - len(word)) <= 1]
        close = get_close_matches(word.casefold(), near, n=1, cutoff=0.75)
        found = self._by_word[close[0]].command if close else None
        return found if found and found.fits(argument, replies=replies) else None


commands = Commands()
