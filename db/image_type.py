"""Which kinds of pictures are kept, recognised by their content."""

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
