"""Requests to arXiv's export API, and parsing its answers.

Source: https://info.arxiv.org/help/api/user-manual.html (Atom; `id_list` takes several) and its terms of use: one
request every three seconds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from plugins._talk.foreign_text import one_line
from plugins._talk.links.sites import arxiv
from plugins._talk.web.page_title import author_list

SECONDS_APART = 3.0
MOST_AT_ONCE = 50
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Paper:
    """A paper; `sentence` is the first of its abstract."""

    title: str
    authors: str | None
    sentence: str | None


def request_for(numbers: Sequence[str]) -> str:
    """The API's address for these papers (numbers without versions)."""
    return f"https://export.arxiv.org/api/query?id_list={','.join(numbers)}&max_results={len(numbers)}"


def read_answer(body: str) -> dict[str, Paper]:
    """The papers in an answer of the API, by number."""
    found: dict[str, Paper] = {}
    for entry in LexborHTMLParser(body).css("entry"):
        thing = arxiv(_text(entry.css_first("id")).rpartition("/abs/")[2])
        title = _text(entry.css_first("title"))
        if thing is None or not title or title == "Error":
            continue
        people = [_text(each) for each in entry.css("author > name")]
        sentence = first_sentence(_text(entry.css_first("summary")))
        found[thing.key.removeprefix("arxiv:")] = Paper(
            title, author_list(people) if people else None, sentence or None
        )
    return found


def first_sentence(abstract: str) -> str:
    """The first sentence of an abstract, or as much of it as fits a line or two."""
    # a full stop ends a sentence where a capital follows, and not after "et al." or a single letter
    match = re.match(r"(.+?(?<!\bal)(?<!\be\.g)(?<!\bi\.e)(?<!\b[A-Z])(?<!\bvs)[.!?])(?=\s+[A-Z\"“(]|$)", abstract)
    sentence = match[1] if match else abstract
    return sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[: LONGEST_SENTENCE - 1].rstrip()}…"


def _text(node: LexborNode | None) -> str:
    return one_line(node.text()) if node else ""
