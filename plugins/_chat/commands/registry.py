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
    """User group of a command, for grouping the help. Permissions are checked by the use case, which knows the talk."""

    MEMBER = "大家"
    HOST = "有主持权限的人"
    ADMIN = "群主、群管理"


class Takes(Flag):
    """The arguments of a command; the dispatcher parses them and replies with the usage if one is missing."""

    WORDS = 0  # optional text
    SOME_WORDS = auto()  # required text
    PICTURES = auto()  # with SOME_WORDS: pictures will do too
    ITEM = auto()  # #7, 004#7, or a reply to the item's message; then text
    ANY_ITEM = auto()  # the same, but optional
    QUESTION = auto()  # Q3, 004Q3, or a reply to the question's message; then text
    EITHER = ITEM | QUESTION  # for a reply, which of the two is resolved later


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. `basic` is its position in the short help for members; `private` ones work in private chats too.

    `late`: run it even if it was sent while the bot was offline; False for look-ups.
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

    def told(self, text: str, by: str) -> str:
        """The usage or example `text` with the command name that the user typed."""
        return text.replace(f"/{self.name}", f"/{by}", 1)

    def quotes_help(self, argument: str) -> bool:
        """Whether the argument is the command's own help text, pasted back."""
        names = (f"（/{self.name}）", f"（/{self.alias}）")
        return argument.startswith(names) or (
            bool(argument) and argument == self.usage.removeprefix(f"/{self.name}").strip()
        )

    def fits(self, argument: str, *, replies: bool) -> bool:
        """Whether `argument` could be meant for this command; `replies`: the message replies to another one."""
        if self.takes & Takes.EITHER:
            refs = (item_ref(argument, None)[0], question_ref(argument, None)[0])
            return replies or refs != (ItemRef(), QuestionRef())
        return bool(argument) or replies or "<" not in self.usage

    def reminder(self, by: str) -> str:
        """The usage line, for a command without its required argument."""
        return f"用法：{self.told(self.usage, by)}　例：{self.told(self.example, by)}"


_REF = re.compile(r"(?:(?P<talk>\d{1,9})\s*)?[#＃]\s*(?P<number>\d{1,9})(?!\d)")
_BARE = re.compile(r"(?P<number>\d{1,4})(?=\s|$)")


def item_ref(argument: str, reply_to: int | None) -> tuple[ItemRef, str]:
    """Parse an item reference and the text after it: `#7`, `004#7`, a reply, or a plain `7` without a reply."""
    match = _REF.match(argument) or (_BARE.match(argument) if reply_to is None else None)
    if match is None:
        return ItemRef(message_id=reply_to), argument
    talk = match.groupdict().get("talk")
    return ItemRef(int(match["number"]), int(talk) if talk else None), argument[match.end() :].strip()


def item_refs(argument: str, *first: ItemRef) -> list[ItemRef]:
    """The `first` items, then those that `argument` names (`#7 #9`), up to the first other word."""
    refs = list(first)
    while argument and (more := item_ref(argument, None))[0] != ItemRef():
        refs.append(more[0])
        argument = more[1]
    return refs


_QUESTION = re.compile(r"(?:(?P<talk>\d{1,9})\s*)?[QqＱｑ]\s*(?P<number>\d{1,4})(?![0-9A-Za-z])[\s:：,，、]*")


def question_ref(argument: str, reply_to: int | None) -> tuple[QuestionRef, str]:
    """Parse a question reference and the text after it: `Q3`, `004Q3`, or a reply."""
    match = _QUESTION.match(argument)
    if match is None:
        return QuestionRef(message_id=reply_to), argument
    talk = int(match["talk"]) if match["talk"] else None
    return QuestionRef(int(match["number"]), talk), argument[match.end() :]


class Commands:
    """All commands, indexed by name and alias."""

    def __init__(self) -> None:
        self._all: list[Command] = []
        self._by_word: dict[str, Command] = {}

    def __iter__(self) -> Iterator[Command]:
        """Iterate in help order: the basic commands first."""
        return iter(sorted(self._all, key=lambda each: (each.basic is None, each.basic or 0)))

    def add(self, *commands: Command) -> None:
        """Register commands under their names and Chinese aliases. Raises ValueError if one is already taken."""
        for command in commands:
            for word in (command.name, command.alias):
                if word.casefold() in self._by_word:
                    raise ValueError(f"two commands called {word}")
                self._by_word[word.casefold()] = command
            self._all.append(command)

    def find(self, word: str) -> Command | None:
        return self._by_word.get(word.casefold())

    def like(self, word: str, argument: str = "", *, replies: bool = True) -> Command | None:
        """The command that `word` is probably a misspelling of, if any; the argument must fit the command."""
        near = [each for each in self._by_word if len(word) > 2 and abs(len(each) - len(word)) <= 1]
        close = get_close_matches(word.casefold(), near, n=1, cutoff=0.75)
        found = self._by_word[close[0]] if close else None
        return found if found and found.fits(argument, replies=replies) else None


commands = Commands()
