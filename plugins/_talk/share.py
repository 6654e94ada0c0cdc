"""What somebody shares in one message: links, each with the words that are meant for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plugins._talk.links import Found, Link, find_links
from plugins._talk.prose import around_links, tidy, without_links
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

    The same link twice in one message is one share.
    """
    category, text = split_category(text, section)
    found = find_links(text)
    if not found:
        words = tidy(text)
        shares = [replace(card, note=words) for card in cards]
        if not shares and words:
            shares = [Share(None, words)]
    else:
        shares = [*cards, *_each_with_its_words(text, found)]
    shares = _once_each(shares)
    return Shared(shares[:limit], category, max(0, len(shares) - limit))


def split_category(text: str, section: Section) -> tuple[str | None, str]:
    """The category that a text begins with, if it does, and the rest of the text."""
    first, _, rest = text.lstrip().partition("\n")
    word, *others = first.split(maxsplit=1)[:2] or [""]
    category = section.category_called(word.rstrip(":："))
    if category is None:
        return None, text
    return category, "\n".join([*others, rest])


def _each_with_its_words(text: str, found: Sequence[Found]) -> list[Share]:
    """Words beside a link belong to it; words at one end of several links that have none belong to all of them."""
    pieces = [tidy(piece) for piece in around_links(text, found)]
    before, after = pieces[:-1], pieces[1:]
    if len(found) == 1:
        notes = [without_links(text, found)]
    elif not any(pieces[1:-1]) and not (pieces[0] and pieces[-1]):
        notes = [pieces[0] or pieces[-1]] * len(found)
    elif all(before) and not pieces[-1]:
        notes = before
    else:
        notes = ["\n".join(filter(None, [pieces[0], after[0]])), *after[1:]]
    return [Share(each.link, note) for each, note in zip(found, notes, strict=True)]


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
