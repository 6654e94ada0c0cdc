"""What somebody shares in one message: links, each with the words that are meant for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plugins._talk.links import Found, Link, find_links, tidy, without_links
from plugins._talk.series import Section


@dataclass(frozen=True)
class Share:
    """One thing to submit: a link, or words alone. `title` is what a QQ card called it."""

    link: Link | None
    note: str = ""
    title: str | None = None


@dataclass(frozen=True)
class Shared:
    """All that one message shares. `left_out` counts the links beyond the limit; `category` is the sender's word."""

    shares: Sequence[Share]
    category: str | None = None
    left_out: int = 0


def read_shared(text: str, section: Section, limit: int, cards: Sequence[Share] = ()) -> Shared:
    """Sort a message into shares: `[category] <links…> [note]`, after the `cards` that came with it.

    The same link twice in one message is one share. Several links on one line share its words; on lines of
    their own each has the words of its line.
    """
    category, text = _category(text, section)
    found = find_links(text)
    if not found:
        words = tidy(text)
        shares = [replace(card, note=words) for card in cards]
        if not shares and words:
            shares = [Share(None, words)]
    else:
        shares = [*cards, *_by_lines(text, found)]
    shares = _once_each(shares)
    return Shared(shares[:limit], category, max(0, len(shares) - limit))


def _category(text: str, section: Section) -> tuple[str | None, str]:
    first, _, rest = text.lstrip().partition("\n")
    word, *others = first.split(maxsplit=1)[:2] or [""]
    category = section.category_called(word)
    if category is None:
        return None, text
    return category, "\n".join([*others, rest])


def _by_lines(text: str, found: Sequence[Found]) -> list[Share]:
    lines: list[tuple[str, list[Found]]] = []
    place = 0
    for line in text.split("\n"):
        end = place + len(line)
        here = [
            replace(each, start=each.start - place, end=each.end - place) for each in found if place <= each.start < end
        ]
        if line.strip():
            lines.append((line, here))
        place = end + 1
    linked = [index for index, (_, here) in enumerate(lines) if here]
    if len(linked) == 1:
        note = tidy("\n".join(without_links(line, here) for line, here in lines))
        return [Share(each.link, note) for each in lines[linked[0]][1]]
    return _line_by_line(lines, words_first=not lines[0][1])


def _line_by_line(lines: Sequence[tuple[str, list[Found]]], *, words_first: bool) -> list[Share]:
    """Words on a line of their own belong to the links after them when the message begins with words, else before."""
    blocks: list[tuple[list[str], list[Found]]] = []
    waiting: list[str] = []
    for line, here in lines:
        words = without_links(line, here)
        if here:
            blocks.append(([*waiting, words], here))
            waiting = []
        elif words_first:
            waiting.append(words)
        else:
            blocks[-1][0].append(words)
    blocks[-1][0].extend(waiting)
    return [Share(each.link, tidy("\n".join(words))) for words, here in blocks for each in here]


def _once_each(shares: Sequence[Share]) -> list[Share]:
    first: dict[str, Share] = {}
    alone: list[Share] = []
    for share in shares:
        if share.link is None:
            alone.append(share)
        elif (known := first.setdefault(share.link.key, share)) is not share:
            first[share.link.key] = replace(known, note=known.note or share.note, title=known.title or share.title)
    return [*first.values(), *alone]


def sound(text: str) -> str:
    """Text that can be stored: half an emoji, as some clients cut them, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


HEADLINE = 60


def headline(title: str | None, note: str, url: str | None) -> str:
    """What an item is called: its sender's own words, else its title, else where its link leads."""
    words = note.partition("\n")[0] or title or address_of(url or "")
    return words if len(words) <= HEADLINE else f"{words[: HEADLINE - 1]}…"


def address_of(url: str) -> str:
    """Host and path, as a person reads an address."""
    return url.partition("://")[2].removeprefix("www.").partition("?")[0].partition("#")[0].rstrip("/")
