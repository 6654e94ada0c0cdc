"""Finding items by words: an index over pairs of characters, so that two Chinese characters are a query like any.

Every character of a text, but for spaces, begins one token: itself and its neighbour, or itself alone at a word's end.
A run of characters is then a phrase of tokens, and found wherever it stands, within words as well. SQLite keeps the
tokens in FTS5, PostgreSQL in a `tsvector`; both read only `[a-z0-9]`, so other characters are written as numbers.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, String, bindparam, cast, delete, func, insert, literal, select, text

from db.enums import AttachmentKind, ItemState
from db.models import Attachment, Item, Member, Page, SearchStale, SearchText, Supporter
from db.queries.members import display_name

AT_ONCE = 500
MOST_COUNTED = 1_000  # of more, the newest come first: what everybody writes about has no best place
MOST_PEOPLE = 50
MOST_TERMS, LONGEST = 8, 40
LONGEST_NUMBER = 12  # digits of a QQ number, and some


class Indexed(NamedTuple):
    """What an item is found by; `people` has its section, category and talk as well."""

    title: str
    words: str
    people: str


class Within(NamedTuple):
    """What a search is confined to: a section, a category, a member (by QQ number), some talks."""

    section: str | None = None
    category: str | None = None
    person: int | None = None
    talks: Sequence[int] | None = None


EVERYWHERE = Within()


def refresh(connection: Connection, most: int | None = None) -> int:
    """Bring the index up to what the items say now (at most so many of them); returns how many were stale."""
    done = 0
    while most is None or done < most:
        stale = connection.scalars(select(SearchStale.item).limit(AT_ONCE)).all()
        if not stale:
            break
        _take_out(connection, stale)
        _put_in(connection, _texts(connection, stale))
        connection.execute(delete(SearchStale).where(SearchStale.item.in_(stale)))
        done += len(stale)
    return done


def find(
    connection: Connection, words: Sequence[str], limit: int, offset: int = 0, within: Within = EVERYWHERE
) -> tuple[int, list[int]]:
    """How many listed items have all these words, and the best ids: by relevance, the newest first among equals.

    Without words all `within` are found, the newest first. More than MOST_COUNTED are told as one more than that:
    counting them all takes longer than finding the newest. A word is found in titles, notes, hosts and authors, and as
    a part of the name of whoever sent an item in.
    """
    runs = [run[:LONGEST] for word in words for run in _folded(word).split()]
    sqlite = connection.dialect.name == "sqlite"
    said = [_term(connection, run) for run in runs[:MOST_TERMS]]
    terms = said + _confined(within, " OR " if sqlite else " | ")
    if not terms:
        return 0, []
    count, ranked, newest, in_order = _FTS if sqlite else _TSVECTOR
    query = {"query": (" AND " if sqlite else " & ").join(terms)}
    found = connection.execute(count, {**query, "most": MOST_COUNTED + 1}).scalar_one()
    best = newest if found > MOST_COUNTED else ranked if said else in_order
    return found, list(connection.scalars(best, {**query, "limit": limit, "offset": offset})) if found else []


def is_stale(connection: Connection) -> bool:
    """Whether an item changed since the index last saw it."""
    return connection.execute(select(SearchStale.item).limit(1)).first() is not None


def _confined(within: Within, either: str) -> list[str]:
    """What a search is confined to, as terms of the index's query language."""
    if within.section and within.talks:  # quicker than what both have, where the section has nearly everything
        return [
            f"({either.join(f't{talk}{_section(within.section)}' for talk in within.talks)})",
            *_confined(within._replace(section=None, talks=None), either),
        ]
    terms = [_section(within.section)] if within.section else []
    terms += [_category(within.category)] if within.category else []
    terms += [_person(within.person)] if within.person is not None else []
    if within.talks is not None:
        terms.append(f"({either.join(f't{talk}' for talk in within.talks)})" if within.talks else "tnone")
    return terms


def _section(key: str) -> str:
    return f"s{key.encode().hex()}"  # whatever it is: nothing in it may be an operator of the index's language


def _person(qq: int) -> str:
    return f"q{qq}" if qq >= 0 else f"qx{-qq}"  # the index reads letters and digits alone


def _category(name: str) -> str:
    return f"c{name.encode().hex()}"


_FTS = (
    text("SELECT count(*) FROM (SELECT 1 FROM search_index WHERE search_index MATCH :query LIMIT :most)"),
    text(
        "SELECT rowid FROM search_index WHERE search_index MATCH :query"
        " ORDER BY bm25(search_index, 8.0, 2.0, 4.0), rowid DESC LIMIT :limit OFFSET :offset"
    ),
    text(
        "SELECT rowid FROM search_index WHERE search_index MATCH :query ORDER BY rowid DESC LIMIT :limit OFFSET :offset"
    ),
    text(
        "SELECT items.id FROM search_index JOIN items ON items.id = search_index.rowid"
        " WHERE search_index MATCH :query ORDER BY items.talk DESC, items.number LIMIT :limit OFFSET :offset"
    ),
)
_TSVECTOR = (
    text(
        "SELECT count(*) FROM"
        " (SELECT 1 FROM search_index WHERE tokens @@ to_tsquery('simple', :query) LIMIT :most) AS counted"
    ),
    text(
        "SELECT item FROM search_index WHERE tokens @@ to_tsquery('simple', :query)"
        " ORDER BY ts_rank_cd(tokens, to_tsquery('simple', :query)) DESC, item DESC LIMIT :limit OFFSET :offset"
    ),
    text(
        "SELECT item FROM search_index WHERE tokens @@ to_tsquery('simple', :query)"
        " ORDER BY item DESC LIMIT :limit OFFSET :offset"
    ),
    text(
        "SELECT items.id FROM search_index JOIN items ON items.id = search_index.item"
        " WHERE tokens @@ to_tsquery('simple', :query)"
        " ORDER BY items.talk DESC, items.number LIMIT :limit OFFSET :offset"
    ),
)


def tokens(said: str) -> list[str]:
    """The tokens of a text."""
    return [_token(run[place : place + 2]) for run in _folded(said).split() for place in range(len(run))]


def _folded(said: str) -> str:
    return unicodedata.normalize("NFKC", said.replace("\x00", "")).casefold()


def _token(pair: str) -> str:
    if pair.isascii() and pair.isalnum():
        return f"a{pair}"
    return "u" + "".join(f"{ord(each):06x}" for each in pair)


def _term(connection: Connection, run: str) -> str:
    """A run of characters as a term of the index's query language; nothing in it can be taken for an operator."""
    sqlite = connection.dialect.name == "sqlite"
    if len(run) > 1:
        phrase = [_token(run[place : place + 2]) for place in range(len(run) - 1)]
        ways = [f'"{" ".join(phrase)}"' if sqlite else f"({' <-> '.join(phrase)})"]
    else:  # the beginning of a token: with an ASCII neighbour, or with another
        starts = dict.fromkeys([_token(run), _token(f"{run}一")[:7]])
        ways = [f"{each}*" if sqlite else f"{each}:*" for each in starts]
    ways += [_person(qq) for qq in _people(connection, run)]
    return f"({' OR '.join(ways)})" if sqlite else f"({' | '.join(ways)})"


def _people(connection: Connection, word: str) -> Sequence[int]:
    """Who goes by a name with this word in it."""
    has = func.lower(cast(display_name(), String)).contains(word.lower(), autoescape=True)
    return connection.scalars(select(Member.qq).where(has).limit(MOST_PEOPLE)).all()


def _texts(connection: Connection, ids: Sequence[int]) -> dict[int, Indexed]:
    """What these items, as far as they are listed, are found by."""
    further: dict[int, list[str]] = {}
    rows = connection.execute(
        select(Attachment.item, Attachment.body)
        .where(Attachment.item.in_(ids), Attachment.kind != AttachmentKind.PICTURE)
        .order_by(Attachment.id)
    )
    seconds = connection.execute(
        select(Supporter.item, Supporter.note, Supporter.member).where(Supporter.item.in_(ids))
    ).all()
    for item, said in [*rows, *((each.item, each.note) for each in seconds)]:
        further.setdefault(item, []).append(said or "")
    people: dict[int, list[int]] = {}
    for each in seconds:
        people.setdefault(each.item, []).append(each.member)
    found: dict[int, Indexed] = {}
    listed = connection.execute(_LISTED.where(Item.id.in_(ids))).all()
    said = [*(row.note for row in listed), *(text for texts in further.values() for text in texts)]
    numbers = _numbers_of_members(connection, said)
    for row in listed:
        host = (row.url or "").partition("://")[2].partition("/")[0].removeprefix("www.")
        words = [row.note, host, row.authors, row.site, *further.get(row.id, [])]
        qqs = dict.fromkeys([row.submitter, row.via, *people.get(row.id, [])])
        where = [_section(row.section), *([_category(row.category)] if row.category else []), f"t{row.talk}"]
        where.append(f"t{row.talk}{_section(row.section)}")
        found[row.id] = Indexed(
            title=row.title or "",
            words=_NUMBER.sub(lambda match: "" if match[0] in numbers else match[0], "\n".join(filter(None, words))),
            people=" ".join([*(_person(qq) for qq in qqs if qq is not None), *where]),
        )
    return found


_NUMBER = re.compile(r"\d{5,}")


def _numbers_of_members(connection: Connection, texts: Sequence[str]) -> set[str]:
    """The QQ numbers of members in these texts; they are left out of the index, so that no search reveals them."""
    there = {int(match) for text in texts for match in _NUMBER.findall(text) if len(match) <= LONGEST_NUMBER}
    found = connection.scalars(select(Member.qq).where(Member.qq.in_(there))) if there else ()
    return {str(qq) for qq in found}


_LISTED = (
    select(
        Item.id,
        Item.talk,
        Item.section,
        Item.category,
        Item.url,
        Item.note,
        Item.submitter,
        Item.via,
        func.coalesce(Item.title, Page.title).label("title"),
        func.coalesce(Item.authors, Page.authors).label("authors"),
        func.coalesce(Item.site, Page.site).label("site"),
    )
    .outerjoin(Page, Page.key == Item.key)
    .where(Item.state == literal(ItemState.LISTED.value))
)


def _take_out(connection: Connection, ids: Sequence[int]) -> None:
    """Take items out of the index. FTS5 wants to be told word for word what it forgets."""
    if connection.dialect.name == "sqlite":
        old = connection.execute(
            select(SearchText.item, SearchText.title, SearchText.words, SearchText.people).where(
                SearchText.item.in_(ids)
            )
        ).all()
        gone = {row.item: Indexed(row.title, row.words, row.people) for row in old}
        _run(connection, "INSERT INTO search_index (search_index, rowid, title, words, people) VALUES ('delete',", gone)
        connection.execute(delete(SearchText).where(SearchText.item.in_(ids)))
    else:
        gone_ids = text("DELETE FROM search_index WHERE item IN :ids").bindparams(bindparam("ids", expanding=True))
        connection.execute(gone_ids, {"ids": list(ids)})


def _put_in(connection: Connection, texts: dict[int, Indexed]) -> None:
    if not texts:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(SearchText), [{"item": item, **each._asdict()} for item, each in texts.items()])
        _run(connection, "INSERT INTO search_index (rowid, title, words, people) VALUES (", texts)
    else:
        weighed = " || ".join(
            f"setweight(to_tsvector('simple', :{column}), '{weight}')"
            for column, weight in (("title", "A"), ("people", "B"), ("words", "C"))
        )
        connection.execute(
            text(f"INSERT INTO search_index (item, tokens) VALUES (:item, {weighed})"),  # noqa: S608 no foreign text
            list(_rows(texts)),
        )


def _run(connection: Connection, head: str, texts: dict[int, Indexed]) -> None:
    if texts:
        connection.execute(text(f"{head} :item, :title, :words, :people)"), list(_rows(texts)))


def _rows(texts: dict[int, Indexed]) -> Iterable[dict[str, object]]:
    for item, each in texts.items():
        yield {
            "item": item,
            "title": " ".join(tokens(each.title)),
            "words": " ".join(tokens(each.words)),
            "people": each.people,
        }
