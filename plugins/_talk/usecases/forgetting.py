"""/匿名: a member's items and words stay, their name goes. Use cases for the desk."""

import re
from collections.abc import Iterable

from db.queries import forgetting, members
from plugins._talk.usecases.desk import Desk, Refused

MYSELF = ("我", "me", "我自己")
# Where a name stands in a document: as a credit, after a label, in a list of names, behind an @.
_BEFORE, _AFTER = r"(?:(?<=—— )|(?<=[、:：(（@])|(?<=[:：] ))", r"(?=$|[\s、;；,，。)）(（])"
_ADDRESS = r"https?://\S+"


def forget_me(desk: Desk, argument: str) -> str:
    """Take the visitor's name out of all that is stored, for good; returns the stand-in for it. Raises Refused.

    What says nothing but a name goes from documents that were finished by hand, too; backups are another matter.
    """
    if argument.strip().casefold() not in MYSELF:
        raise Refused("要把自己的名字从各期、纪要和网页里拿掉，发 /匿名 我 。条目都会留着")
    qq = desk.member.qq
    names = sorted(forgetting.names_of(desk.connection, qq), key=len, reverse=True)
    instead = members.make_anonymous(desk.connection, qq)
    if names:
        forgetting.forget_changes(desk.connection, names, qq)
        others = forgetting.names_with(desk.connection, names, qq)
        forgetting.replace_speaker(desk.connection, names, instead)
        forgetting.replace_in_texts(desk.connection, names, lambda text: without_mentions(text, names, instead, others))
        for talk, body, there in forgetting.documents(desk.connection, qq, names):
            forgetting.put_document(desk.connection, talk, without_names(body, there, instead))
    forgetting.forget_published(desk.connection, qq)
    return instead


def without_mentions(text: str, names: Iterable[str], instead: str, others: Iterable[str] = ()) -> str:
    """A text in which these names, where an @ stands before them, are another; those of `others` stay."""
    return _replaced(text, [f"@{re.escape(name)}(?![0-9A-Za-z_])" for name in names], f"@{instead}", others)


def without_names(text: str, names: Iterable[str], instead: str) -> str:
    """A document in which these names are another where a name stands; the same word elsewhere stays."""
    return _replaced(text, [f"{_BEFORE}{re.escape(name)}{_AFTER}" for name in names], instead)


def _replaced(text: str, patterns: Iterable[str], instead: str, others: Iterable[str] = ()) -> str:
    """The text with these patterns replaced, but not within addresses or the names of others."""
    kept = "|".join([_ADDRESS, *(f"@?{re.escape(name)}" for name in sorted(others, key=len, reverse=True))])
    for pattern in patterns:
        text = re.sub(f"(?P<kept>{kept})|{pattern}", lambda match: match[0] if match["kept"] else instead, text)
    return text
