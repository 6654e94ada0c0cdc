"""The registry of commands: feature plugins fill it; the dispatcher, the help and the manual read it."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, Flag, auto

from plugins._chat.commands.call import Call, Reply
from plugins._talk.usecases.desk import ItemRef
from plugins._talk.usecases.questions import QuestionRef

Handler = Callable[[Call], Awaitable[Reply | None]]


class Who(Enum):
    """Whose command it is, as the help groups them. The use case sees to the rights: it knows which talk is meant."""

    MEMBER = "大家"
    HOST = "有主持权限的人"
    ADMIN = "群主、群管理"


class Takes(Flag):
    """What stands behind a command's word; the dispatcher reads it, and tells the usage where it is missing."""

    WORDS = 0  # perhaps some words
    SOME_WORDS = auto()  # words, at least one
    PICTURES = auto()  # with SOME_WORDS: or pictures
    ITEM = auto()  # #7, 004#7, or a reply to the item's message; then words
    ANY_ITEM = auto()  # the same, or none
    QUESTION = auto()  # Q3, 004Q3, or a reply to the question's message; then words
    EITHER = ITEM | QUESTION  # of a reply nobody has looked yet which it is


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. `basic` is its place among those that a member needs; `private` ones work in a private chat too.

    `late` says whether it is still worth doing when it was said while the bot was away: looking something up is not.
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
    late: bool = True
    host_help: str = ""

    def told(self, text: str, by: str) -> str:
        """Usage or example with the name that somebody calls the command by."""
        return text.replace(f"/{self.name}", f"/{by}", 1)

    def quotes_help(self, argument: str) -> bool:
        """Whether what stands behind the command's name is the help's own text about it, pasted back."""
        names = (f"（/{self.name}）", f"（/{self.alias}）")
        return argument.startswith(names) or (
            bool(argument) and argument == self.usage.removeprefix(f"/{self.name}").strip()
        )

    def fits(self, argument: str, *, replies: bool) -> bool:
        """Whether `words`, in a message that `replies` to another or not, could be meant for this command."""
        if self.takes & Takes.EITHER:
            refs = (item_ref(argument, None)[0], question_ref(argument, None)[0])
            return replies or refs != (ItemRef(), QuestionRef())
        return bool(argument) or replies or "<" not in self.usage

    def reminder(self, by: str) -> str:
        """One line for a command that came without what it needs."""
        return f"用法：{self.told(self.usage, by)}　例：{self.told(self.example, by)}"


_REF = re.compile(r"(?:(?P<talk>\d{1,9})\s*)?[#＃]\s*(?P<number>\d{1,9})(?!\d)")
_BARE = re.compile(r"(?P<number>\d{1,4})(?=\s|$)")


def item_ref(argument: str, reply_to: int | None) -> tuple[ItemRef, str]:
    """Which item a command means, and the words after it: `#7`, `004#7`, a reply, or a plain `7` without a reply."""
    match = _REF.match(argument) or (_BARE.match(argument) if reply_to is None else None)
    if match is None:
        return ItemRef(message_id=reply_to), argument
    talk = match.groupdict().get("talk")
    return ItemRef(int(match["number"]), int(talk) if talk else None), argument[match.end() :].strip()


def item_refs(argument: str, *first: ItemRef) -> list[ItemRef]:
    """The items that `words` name, behind those that are known: `#7 #9`, up to the first other word."""
    refs = list(first)
    while argument and (more := item_ref(argument, None))[0] != ItemRef():
        refs.append(more[0])
        argument = more[1]
    return refs


_QUESTION = re.compile(r"(?:(?P<talk>\d{1,9})\s*)?[QqＱｑ]\s*(?P<number>\d{1,4})(?![0-9A-Za-z])[\s:：,，、]*")


def question_ref(argument: str, reply_to: int | None) -> tuple[QuestionRef, str]:
    """Which question a command means, and the words after it: `Q3`, `004Q3`, or a reply."""
    match = _QUESTION.match(argument)
    if match is None:
        return QuestionRef(message_id=reply_to), argument
    talk = int(match["talk"]) if match["talk"] else None
    return QuestionRef(int(match["number"]), talk), argument[match.end() :]


class Commands:
    """All commands by their words."""

    def __init__(self) -> None:
        self._all: list[Command] = []
        self._by_word: dict[str, Command] = {}

    def __iter__(self) -> Iterator[Command]:
        """In the order of the help: what a member needs first."""
        return iter(sorted(self._all, key=lambda each: (each.basic is None, each.basic or 0)))

    def add(self, *commands: Command) -> None:
        """Register commands, each under its name and its Chinese name. Raises ValueError when a word is taken."""
        for command in commands:
            for word in (command.name, command.alias):
                if word.casefold() in self._by_word:
                    raise ValueError(f"two commands called {word}")
                self._by_word[word.casefold()] = command
            self._all.append(command)

    def find(self, word: str) -> Command | None:
        return self._by_word.get(word.casefold())

    def like(self, word: str, argument: str = "", *, replies: bool = True) -> Command | None:
        """The command that `word` is probably a slip of, if any; what stands behind it must fit the command."""
        near = [each for each in self._by_word if len(word) > 2 and abs(len(each) - len(word)) <= 1]
        close = get_close_matches(word.casefold(), near, n=1, cutoff=0.75)
        found = self._by_word[close[0]] if close else None
        return found if found and found.fits(argument, replies=replies) else None


commands = Commands()
