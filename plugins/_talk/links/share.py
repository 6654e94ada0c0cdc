"""Parsing the shares in one message: links, each with the words that belong to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.enums import TitleSource
from plugins._talk.links.canonical import FoundLink, Link, find_links
from plugins._talk.links.prose import around_links, joined, tidy
from plugins._talk.links.share_text import Heading, is_call, is_site_name, recognise
from plugins._talk.series import Section

AGAIN = ("重提", "again")
_AROUND = ":：-—_/|｜()（）[]【】「」"  # what people put around a category
_HEAD = re.compile(r"\s+|(?<=[:：])(?!//)|(?<=[)）\]】」])|(?=https?://)", re.IGNORECASE)  # ends of a first word


@dataclass(frozen=True)
class Share:
    """One submission: a link with a note, or a note alone. `heading` comes from a QQ card or an app's share text."""

    link: Link | None
    note: str = ""
    heading: Heading | None = None
    source: TitleSource | None = None


@dataclass(frozen=True)
class Shared:
    """All shares of one message.

    `category` is what the sender wrote; `left_out` counts links beyond the limit; `again`: submit links even if an
    earlier talk had them.
    """

    shares: Sequence[Share]
    category: str | None = None
    left_out: int = 0
    again: bool = False


def read_shared(text: str, section: Section, limit: int, cards: Sequence[Share] = ()) -> Shared:
    """Parse a message, `[category] [again] <links…> [note]`, into at most `limit` shares; `cards` come first.

    The category may stand behind the links, too. The same link twice in one message is one share.
    """
    category, again, text = split_head(text, section)
    found = find_links(text)
    if found and category is None:
        category, text = _category_behind(text, found[-1].end, section)
    if found and text[found[-1].end :].strip().casefold() in AGAIN:
        again, text = True, text[: found[-1].end]
    if found:
        shares = [*cards, *_each_with_its_words(text, found)]
    else:
        note = tidy(text)
        shares = [replace(card, note=note) for card in cards]
        if not shares and note:
            shares = [Share(None, note)]
    shares = once_each(shares)
    return Shared(shares[:limit], category, max(0, len(shares) - limit), again)


def split_head(text: str, section: Section) -> tuple[str | None, bool, str]:
    """The category and the word for 'again' that a text begins with, in any order, and the rest."""
    category, again = None, False
    while True:
        first, _, rest = text.lstrip().partition("\n")
        word, *others = _HEAD.split(first, maxsplit=1)[:2] or [""]
        named = section.category_called(word.strip(_AROUND))
        if named is not None and category is None:
            category = named
        elif word.casefold() in AGAIN and not again:
            again = True
        else:
            return category, again, text
        text = "\n".join([*others, rest])


def _category_behind(text: str, end: int, section: Section) -> tuple[str | None, str]:
    """The category that the words behind the last link begin or end with, and the text without it."""
    head, words = text[:end], text[end:]
    first = re.match(r"[\s,，、:：]*(?P<word>[^\s,，、:：)）\]】」]+[)）\]】」]?)[\s,，、:：]*", words)
    if first and (named := section.category_called(first["word"].strip(_AROUND))):
        return named, f"{head} {words[first.end() :]}"
    last = re.search(r"\s(?P<word>\S+)\s*$", words)
    if last and last["word"] in [each.name for each in section.categories]:
        return last["word"], head + words[: last.start()]
    return None, text


def _each_with_its_words(text: str, found: Sequence[FoundLink]) -> list[Share]:
    """Assign words to links: words beside a link are its note; one text before or after all of them applies to each."""
    around = [_without_calls(piece) for piece in around_links(text, found)]
    headings: list[Heading | None] = []
    for index, each in enumerate(found):
        heading, around[index] = _heading(around[index], each.link)
        headings.append(heading)
    pieces = [tidy(piece) for piece in around]
    if len(found) == 1 and is_site_name(" ".join(filter(None, pieces)), found[0].link.host):
        pieces = around = ["", ""]
    before, after = pieces[:-1], pieces[1:]
    if len(found) == 1:
        notes = [tidy(joined(around, text, found))]
    elif not any(pieces[1:-1]) and not (pieces[0] and pieces[-1]):
        notes = [pieces[0] or pieces[-1]] * len(found)
    elif all(before) and not pieces[-1]:
        notes = before
    else:
        notes = ["\n".join(filter(None, [pieces[0], after[0]])), *after[1:]]
    return [
        Share(each.link, note, heading, TitleSource.SHARE if heading else None)
        for each, note, heading in zip(found, notes, headings, strict=True)
    ]


def _without_calls(piece: str) -> str:
    return "\n".join(line for line in piece.split("\n") if not is_call(line))


def _heading(piece: str, link: Link) -> tuple[Heading | None, str]:
    """The heading that an app wrote in the last line before a link (or None), and the remaining words."""
    rest, _, line = piece.rstrip().rpartition("\n")
    heading = recognise(line, link.host)
    return (heading, rest) if heading else (None, piece)


def once_each(shares: Sequence[Share]) -> list[Share]:
    """Merge shares with the same link, keeping the first note and heading of any of them; notes alone come last."""
    first: dict[str, Share] = {}
    alone: list[Share] = []
    for share in shares:
        if share.link is None:
            alone.append(share)
        elif (known := first.setdefault(share.link.key, share)) is not share:
            named = known if known.heading else share
            note = known.note or share.note
            first[share.link.key] = replace(known, note=note, heading=named.heading, source=named.source)
    return [*first.values(), *alone]
