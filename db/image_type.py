"""Which kinds of pictures are kept, recognised by their content, and what they are called."""

import hashlib
from typing import cast

import filetype

MAX_BYTES = 10_000_000
# What browsers, QQ and Zhihu all show, and what the files are called.
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

_SHOWN_AS = {"image/apng": "image/png"}  # an animated PNG is a PNG


def image_type(body: bytes) -> str | None:
    """The media type of a picture (a key of `EXTENSIONS`), or None for anything else, whatever it is called."""
    found = cast(str | None, filetype.guess_mime(body))  # pyright: ignore[reportUnknownMemberType]
    return _SHOWN_AS.get(found or "", found) if found in (*EXTENSIONS, *_SHOWN_AS) else None


def name_of(body: bytes) -> str | None:
    """A picture's name: a digest of its content, and the extension of its type; None for what is no picture."""
    kind = image_type(body)
    return named(body, kind) if kind else None


def named(body: bytes, media_type: str) -> str:
    """What a picture of a known type is called."""
    return f"{hashlib.sha256(body).hexdigest()[:32]}.{EXTENSIONS[media_type]}"
