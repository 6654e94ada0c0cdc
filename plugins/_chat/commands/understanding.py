"""From what somebody wrote to the commands that they mean, or to a hint what to write instead. Pure functions.

`docs/understood.md` lists what is understood as what; it is a test.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from plugins._chat.commands.registry import Command, Commands, Name, Takes
from plugins._chat.incoming.message import Content
from plugins._talk.links.canonical import find_links

MOST = 5  # commands in one message
LONGEST_REPLY = 400  # characters of a reply that means a command
LONGEST_HINT = 300  # characters of a message that a hint says again
_INPUT_METHOD = ("、", "\\")  # what the key of `/` types in Chinese input methods, or the one beside it
_AFTER_WORD = re.compile(r"[\s:：,，、]*")
_RUN = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]+")
_NOT_A_WORD = re.compile(r"[\w./-]", re.ASCII)  # what makes `/newsletter` or `/news-bot` another word
_PARTICLE = re.compile(r"一[下个篇条](?=[\s:：,，]|$)")  # glued to a command: `/推荐一下 …`
_POLITELY = re.compile(r"(?:我要|我想|我来|请|帮我|帮忙|给我|怎么|怎样|如何)+")
_TALKED_ABOUT = re.compile(r"[用发打输入写按叫]\s*$")  # in front of a command that somebody explains
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_NUMBER = re.compile(r"[#＃]\s*\d{1,9}\s+|[#＃]\s*\d{1,9}(?=\D)")
_UNKNOWN = re.compile(r"(?P<word>[\u4e00-\u9fff]{1,8})(?![\u4e00-\u9fff])")


@dataclass(frozen=True)
class Invocation:
    """A command as somebody called it: `by` is the name that they used, `argument` the text for it.

    `usage` is what to say if there is nothing in it, in place of the command's usage. Of several commands in one
    message each but the last has its `part`, from 1 on; the last, or the only one, has 0. `reply_word`: it is a reply
    without a slash, which may turn out to be chat.
    """

    command: Command
    content: Content
    argument: str
    by: str
    usage: str = ""
    part: int = 0
    reply_word: bool = False


@dataclass(frozen=True)
class Heard:
    """What a message means: commands in order, and a hint for the sender where something could not be understood."""

    commands: tuple[Invocation, ...] = ()
    hint: str = ""

    @property
    def only_asks(self) -> bool:
        """Whether nothing is stored for it."""
        return all(not each.command.late for each in self.commands)


@dataclass(frozen=True)
class _Place:
    """A name in a text: from its slash to the end of the word; `glued`: more characters of its script follow."""

    start: int
    end: int
    name: Name
    glued: bool
    begins_line: bool


@dataclass(frozen=True, kw_only=True)
class Ears:
    """By what the chat is understood.

    `signs` begin a command, the longest first; `nicknames` are names of the bot, `others` words of other bots'
    commands, which are left alone; `help` is the answer to an @ that means nothing else.
    """

    commands: Commands
    signs: Sequence[str]
    nicknames: Collection[str] = ()
    others: Collection[str] = ()
    help: str = ""

    def may_be_meant(self, text: str) -> bool:
        """Whether a message with this text can mean anything, unless it @s the bot or replies; quick, and never wrong
        when it says no."""
        begins = text.startswith((*self.signs, *_INPUT_METHOD, *filter(None, self.nicknames)))
        return begins or self._heads.search(text) is not None

    @cached_property
    def _heads(self) -> re.Pattern[str]:
        """A sign that begins a line, or follows a space."""
        return re.compile(rf"(?:^|(?<=\s))(?:{'|'.join(map(re.escape, self.signs))})", re.MULTILINE)

    def understand(self, content: Content, *, to_me: bool = False) -> Heard | None:
        """The commands in a message, or a hint; None where it is not for the bot. `to_me`: it @s the bot."""
        if content.to_other and not to_me:
            return None
        text, called = self._without_nickname(content.text)
        if any(text.startswith(f"{sign}{each}") for sign in self.signs for each in self.others):
            return Heard(hint=self.help) if to_me else None
        first = self._name_at(text, 0, self.signs)
        if first is not None and first.name.command.quotes_help(text[first.end :].strip()):
            return None
        found = self._with_slash(content, text) or self._behind_links(content, text)
        if found is None and (to_me or called):
            found = self._without_slash(content, text, to_me=to_me)
        return found

    def reply_words(self, content: Content) -> Heard | None:
        """What a reply without a slash asks for, `撤回` or `#7 撤回`, if it replies to the bot's own message."""
        number = _NUMBER.match(content.text)
        text = content.text[number.end() :] if number else content.text
        for command in self.commands if 0 < len(text) <= LONGEST_REPLY else ():
            if command.reply is not None and (match := command.reply.fullmatch(text)):
                words = (number[0].strip() if number else "", (match.groupdict().get("argument") or "").strip())
                said = " ".join(filter(None, words))
                return Heard((Invocation(command, content, said, command.alias, reply_word=True),))
        return None

    def without_command(self, text: str) -> str:
        """A message's text without the command word that it begins with."""
        first = self._name_at(text, 0, self.signs)
        if first is not None:
            return text[_end(_AFTER_WORD, text, first.end) :].strip()
        word = self._unknown_at_start(text)
        return text[word.end() :].strip() if word else text

    def _without_nickname(self, text: str) -> tuple[str, bool]:
        """The text without the bot's name in front, and whether it stood there as a name, not in a sentence."""
        for name in sorted(filter(None, self.nicknames), key=len, reverse=True):
            rest = text.removeprefix(name)
            if rest != text:
                word = self._word_at(rest, 0)
                calls = not rest or not rest[0].isalnum() or _ADDRESS.match(rest) or (word and not word[2])
                return (rest.lstrip(" ,，:：、!！?？~\n"), True) if calls else (text, False)
        return text, False

    def _with_slash(self, content: Content, text: str) -> Heard | None:
        """A message that begins with a command."""
        first = self._name_at(text, 0, self.signs) or self._typed_with_input_method(text)
        if first is None:
            return self._nearly(content, text)
        pieces = self._pieces(content, text, first)
        if len(pieces) > MOST:
            return Heard(hint=f"一条消息最多 {MOST} 个命令，这条里有 {len(pieces)} 个，一个都没有做。分几条发吧")
        heard = [each for piece, end in pieces if (each := self._called(content, text[piece.end : end], piece))]
        calls = [call for each in heard for call in each.commands]
        parts = [replace(call, part=place) for place, call in enumerate(calls[:-1], 1)]
        return Heard((*parts, *calls[-1:]), "\n".join(each.hint for each in heard if each.hint)) if heard else None

    def _pieces(self, content: Content, text: str, first: _Place) -> list[tuple[_Place, int]]:
        """The commands of a message with the ends of their arguments: those that begin a line, or follow a link."""
        places = [first]
        for place in self._later_names(text, first.end):
            before, after = text[places[-1].end : place.start], text[place.end :]
            fits = place.name.command.fits(after.partition("\n")[0].strip(), replies=False)
            if fits and (place.begins_line or (after.strip() and _follows(places[-1], before, place))):
                places.append(place)
        return list(zip(places, [*(each.start for each in places[1:]), len(text)], strict=True))

    def _later_names(self, text: str, start: int) -> list[_Place]:
        """The names with a slash, whole words, that begin a line or follow a space."""
        found = (self._name_at(text, match.start(), self.signs) for match in self._heads.finditer(text, start))
        return [each for each in found if each and not each.glued and not each.name.argument]

    def _name_at(self, text: str, start: int, signs: Sequence[str]) -> _Place | None:
        """The longest known name at this place, behind one of the signs and perhaps spaces."""
        sign = next((each for each in signs if text.startswith(each, start)), None)
        if sign is None:
            return None
        begin = start + len(sign)
        while begin < len(text) and text[begin] == " ":
            begin += 1
        found = self._word_at(text, begin)
        if found is None:
            return None
        name, end, glued = found
        return _Place(start, end, name, glued, start == 0 or text[start - 1] == "\n")

    def _word_at(self, text: str, begin: int) -> tuple[Name, int, bool] | None:
        """The longest known name here, where it ends, and whether characters of its script follow."""
        run = _RUN.match(text, begin)
        if run is None:
            return None
        if run[0].isascii():
            name = self.commands.named(run[0])
            ends = name is not None and not _NOT_A_WORD.match(text, run.end())
            return (name, run.end(), False) if name and ends else None
        name = self.commands.longest(run[0])
        return (name, begin + len(name.word), len(name.word) < len(run[0])) if name else None

    def _typed_with_input_method(self, text: str) -> _Place | None:
        """A whole word behind the sign that a Chinese input method types instead of a slash."""
        found = self._name_at(text, 0, _INPUT_METHOD)
        return found if found and not found.glued and not found.name.argument else None

    def _called(self, content: Content, argument: str, place: _Place) -> Heard | None:
        """A command with its argument, if it may be called like this."""
        command, shortcut = place.name.command, place.name.argument
        begin = _end(_PARTICLE, argument) if place.glued else 0
        said = argument[_end(_AFTER_WORD, argument, begin) :].strip()
        said = said if any(each.isalnum() for each in said) or find_links(said) else ""
        if command.exact and (place.glued or (said and not command.needs_words and not said.isdecimal())):
            if place.glued:
                return Heard(hint=f"命令后面空一格：/{command.alias} {said[:60]}") if command.needs_words else None
            return Heard(hint=f"要用 /{command.alias} 就单独发，后面不带别的")
        has_link = bool(find_links(said) or content.cards or content.pictures or content.reply_to is not None)
        if shortcut and Takes.LINKS in command.takes and not has_link:
            word = place.name.word
            return None if word.isascii() else Heard(hint=f"要投到「{word}」就带上链接：/{word} 链接 说明")
        if place.glued and Takes.LINKS in command.takes and not has_link and not command.nominates:
            return Heard(hint=f"要投稿就带上链接：/{command.alias} 链接 {said[:40]}")
        whole = f"{shortcut} {said}".strip() if shortcut else said
        by = command.alias if shortcut else place.name.word
        return Heard((Invocation(command, content, whole, by),))

    def _nearly(self, content: Content, text: str) -> Heard | None:
        """A misspelt command, or an unknown word with a link."""
        run = self._unknown_at_start(text)
        if run is None:
            return None
        argument = text[run.end() :].strip()
        replies = content.reply_to is not None
        polite = _POLITELY.match(run[0])
        meant = self.commands.longest(run[0][polite.end() :]) if polite else None
        near = meant.command if meant and len(meant.word) > 1 else self.commands.like(run[0], argument, replies=replies)
        if near is not None:
            return Heard(hint=f"没有 /{run[0].casefold()}，是想发 /{near.name}（/{near.alias}）吗？")
        if _UNKNOWN.match(text, run.start()) and find_links(argument):
            first, *others = [each.alias for each in self.commands if each.headings or each.nominates]
            more = f"\n或者 {'、'.join(f'/{each}' for each in others)}" if others else ""
            return Heard(hint=f"没有 /{run[0]} 这个命令。投稿选一个版块：/{first} {argument[:LONGEST_HINT]}{more}")
        return None

    def _unknown_at_start(self, text: str) -> re.Match[str] | None:
        """The word with a slash that a text begins with, whatever it is."""
        sign = next((each for each in self.signs if text.startswith(each)), None)
        run = _RUN.match(text, len(sign)) if sign else None
        return None if run is None or (run[0].isascii() and _NOT_A_WORD.match(text, run.end())) else run

    def _without_slash(self, content: Content, text: str, *, to_me: bool) -> Heard:
        """A message to the bot: a command's name may stand without slash, a link is filed where it likely belongs."""
        found = self._word_at(text, 0)
        if found is not None and not found[2] and not found[0].argument:
            name, end, _ = found
            heard = self._called(content, text[end:], _Place(0, end, name, False, True))
            if name.command.exact and heard and heard.commands:
                return Heard(hint=f"这个要带斜杠发：/{name.command.alias} {heard.commands[0].argument[:60]}".rstrip())
            if heard is not None:
                return heard
        filing = self.commands.find("submit")
        passes_on = content.reply_to is not None and not text and to_me
        if filing is not None and (find_links(text) or content.cards or passes_on):
            return Heard((Invocation(filing, content, text, filing.alias, usage=self.help),))
        return Heard(hint=self.help)

    def _behind_links(self, content: Content, text: str) -> Heard | None:
        """A link with the command of its section behind it, at the end of the message or of a line."""
        if not any(sign in text for sign in self.signs):
            return None
        places = [each for each in self._later_names(text, 0) if Takes.LINKS in each.name.command.takes]
        for place in reversed(places):
            before, after = text[: place.start].strip(), text[place.end :].strip()
            if find_links(before) and (not after or after.casefold() in place.name.command.headings):
                return Heard((Invocation(place.name.command, content, f"{after} {before}".strip(), place.name.word),))
            if place.begins_line and find_links(after):
                return Heard((Invocation(place.name.command, content, f"{after}\n{before}", place.name.word),))
        return None


def _follows(first: _Place, argument: str, later: _Place) -> bool:
    """Whether a command in the same line is another one: it is the same again, or follows a link to be filed."""
    if later.name.command.exact or _TALKED_ABOUT.search(argument):
        return False
    if Takes.LINKS in first.name.command.takes:
        return bool(find_links(argument))
    return first.name.command is later.name.command and bool(argument.strip())


def _end(pattern: re.Pattern[str], text: str, start: int = 0) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def signs_of(configured: Collection[str]) -> tuple[str, ...]:
    """The command prefixes, the longest first: as configured, plus the full-width `／` if `/` is one."""
    wide = ["／"] if "/" in configured else []
    return tuple(sorted(filter(None, {*configured, *wide}), key=len, reverse=True))
