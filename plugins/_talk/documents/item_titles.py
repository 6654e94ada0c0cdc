"""One-line names of items, and bylines (authors and site) of their pages."""

from functools import lru_cache

from db.enums import TitleSource
from db.queries.items import ItemRow
from plugins._talk.foreign_text import shortened

HEADLINE = 60
LONGEST = 300


def headline(title: str | None, note: str, url: str | None, *, edited: bool = False) -> str:
    """An item's name: the first line of its note, else its title, else its link's address; cut to HEADLINE characters.

    A title that was `edited` by a host takes precedence over all.
    """
    return cut(_whole(title, note, url, edited=edited))


def _whole(title: str | None, note: str, url: str | None, *, edited: bool) -> str:
    return (title if edited else None) or note.partition("\n")[0] or title or address_of(url or "")


@lru_cache(512)
def cut(text: str) -> str:
    """Text cut to HEADLINE characters, for lists."""
    return shortened(text, HEADLINE)


def address_of(url: str) -> str:
    """Host and path, as a person reads an address."""
    return url.partition("://")[2].removeprefix("www.").partition("?")[0].partition("#")[0].rstrip("/")


def title_of(item: ItemRow) -> str:
    """What an item is called in one line."""
    return headline(item.title, item.note, item.url, edited=item.title_source == TitleSource.EDITOR)


def whole_title(item: ItemRow) -> str:
    """An item's name in a document: whole, unless it is longer than LONGEST characters."""
    whole = _whole(item.title, item.note, item.url, edited=item.title_source == TitleSource.EDITOR)
    return whole if len(whole) <= LONGEST else cut(whole)


_KINDS = {"answer": "回答", "p": "文章", "zvideo": "视频", "pin": "想法"}


def byline(authors: str | None, site: str | None, key: str | None) -> str:
    """Authors and site in one line, as the community writes them: `量子位的文章 - 知乎`."""
    kind = _KINDS.get(key.removeprefix("zhihu:").partition("/")[0]) if key and key.startswith("zhihu:") else None
    if authors and kind:
        space = " " if authors[-1].isascii() else ""
        authors = f"{authors}{space}的{kind}"
    return " - ".join(each for each in (authors, site) if each)
