"""Cleaning untrusted text for storage and display: characters that cannot be stored or seen are removed."""

import re
import unicodedata
from itertools import accumulate

LONGEST_NAME = 60
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # all but tab and the ends of lines
_JOINER = "\u200d"  # between the parts of one emoji
# Letters and signs that show nothing: Hangul fillers, the empty Braille pattern, and the like.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\u034f")
# Invisible format characters: zero width, direction, soft hyphen, interlinear marks, byte-order marks.
_STEERING = re.compile("[\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def storable(text: str) -> str:
    """Text that every database and every page accepts: without NUL and the other characters that only control.

    Lone surrogates (emoji cut by some clients) become `?`.
    """
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """A title or label on one line, storable, without invisible format and control characters."""
    kept = (each for each in _STEERING.sub("", " ".join(storable(text).split())) if unicodedata.category(each) != "Cc")
    return " ".join("".join(kept).split())


def clean_name(name: str | None) -> str:
    """A group card or nickname on one line, at most LONGEST_NAME characters; "" when nothing in it is visible."""
    line = " ".join(storable(str(name or "")).split())
    kept = "".join(each for each in line if each not in _BLANK and (each.isprintable() or each == _JOINER))
    kept = " ".join(kept.split())[:LONGEST_NAME].strip()
    return kept if any(unicodedata.category(each)[0] in "LNPS" for each in kept) else ""


_OPENING, _CLOSING = "([{（【《「『“‘<", ")]}）】》」』”’>"
_DEPTH = {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1)}


def shortened(text: str, most: int) -> str:
    """The beginning of a text, on one line, with at most `most` characters: never cut in a word or within brackets."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    depths = list(accumulate(_DEPTH.get(each, 0) for each in line[:most]))  # of brackets, behind each character
    ends = (place for place in range(most - 1, 1, -1) if depths[place - 1] <= 0 and _may_end(line, place))
    return f"{line[: next(ends, most - 1)].rstrip(' ,，、;；:：-–—·|/+&')}…"


def _may_end(line: str, place: int) -> bool:
    """Whether a line may be cut before the character at `place`: between words, and not behind an opening bracket."""
    before, after = line[place - 1], line[place]
    if before in _OPENING:
        return False
    in_word = (before.isalnum() or before in "_'’.-@#+") and (after.isalnum() or after in "_'’.-+")
    return not in_word or not (before.isascii() or after.isascii()) or _is_cjk(before) or _is_cjk(after)


def _is_cjk(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"
