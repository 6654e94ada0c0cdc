"""Cutting text so that QQ takes it."""

from collections.abc import Iterable

LIMIT = 2_900  # characters a message; implementations begin to fail at about 4,500


def pieces(lines: Iterable[str], limit: int = LIMIT) -> list[str]:
    """Join lines into texts of at most `limit` characters. A line, and so a link, is cut only if it alone is longer."""
    texts: list[str] = []
    text = ""
    for line in lines:
        for part in [line[place : place + limit] for place in range(0, len(line), limit)] or [""]:
            if text and len(text) + 1 + len(part) > limit:
                texts.append(text)
                text = part
            else:
                text = f"{text}\n{part}" if text else part
    return [*texts, text] if text else texts
