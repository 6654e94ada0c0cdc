"""Cutting text so that QQ takes it."""

from collections.abc import Iterable

LIMIT = 2_900  # characters a message; implementations begin to fail at about 4,500


def pieces(blocks: Iterable[str], limit: int = LIMIT) -> list[str]:
    """Join blocks with newlines into texts of at most `limit` characters.

    A block is cut only if it alone is longer, then between its lines; a line, and so a link, only if it alone is.
    """
    texts: list[str] = []
    text = ""
    for part in (part for block in blocks for part in _parts(block, limit)):
        if text and len(text) + 1 + len(part) > limit:
            texts.append(text)
            text = part.lstrip("\n")
        else:
            text = f"{text}\n{part}" if text else part
    return [*texts, text] if text else texts


def _parts(block: str, limit: int) -> list[str]:
    if len(block) <= limit:
        return [block]
    if "\n" in block:
        return [part for line in block.split("\n") for part in _parts(line, limit)]
    return [block[place : place + limit] for place in range(0, len(block), limit)]
