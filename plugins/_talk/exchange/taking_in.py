"""Storing what an article tells as a published talk; the article itself becomes its final minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.enums import AttachmentKind, LineKind, RemarkKind, TitleSource
from db.queries import attachments, final_minutes, items, members, questions, remarks, roles, sections, talks
from db.queries.members import Person
from db.queries.remarks import LineRow
from plugins._talk.documents import published_names
from plugins._talk.documents.headline import SEPARATOR
from plugins._talk.documents.minutes import compile_minutes
from plugins._talk.exchange.article import Article, ReadItem, ReadQuestion, ReadStatement, read_article
from plugins._talk.exchange.talks_file import NotTalks
from plugins._talk.foreign_text import clean_name, one_line, storable
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.canonical import KEY_VERSION, Link, find_addresses
from plugins._talk.series import Series

NOBODY = "未署名"
NO_MESSAGE = 0  # the group of what was not said in any
MOST_NUMBER = 9_999  # of an item
MOST = 2_000_000  # characters of an article
_APART = timedelta(seconds=1)  # between two things of an article, so that they keep their order


@dataclass
class Stored:
    """A talk that was taken in: how much of it, items without a link, and lines that fit nothing."""

    talk: int
    items: int = 0
    questions: int = 0
    answers: int = 0
    without_link: list[str] = field(default_factory=list[str])
    not_understood: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def store_article(connection: Connection, series: Series, text: str, address: str | None, now: datetime) -> Stored:
    """Store the talk that an article tells of, published at `address`. Raises NotTalks."""
    text = storable(text)
    if len(text) > MOST:
        raise NotTalks(f"一篇最长 {MOST // 10_000} 万字")
    article = read_article(text, series)
    if article.number is None:
        raise NotTalks(f"没有找到期号：要有一行「{series.name} 004」")
    name = talk_name(article.number)
    if article.at is None:
        raise NotTalks(f"{name} 期没有找到时间：要有一行「【时间】: 20230715 晚上九点」")
    if talks.by_number(connection, article.number) is not None:
        raise NotTalks(f"{name} 期已经有了，没有动它")
    if talks.between(connection, article.at, article.at + timedelta(microseconds=1)):
        raise NotTalks(f"{name} 期和另一期在同一个时间（{article.at:%Y-%m-%d %H:%M}）")
    return _Storing(connection, series, article, article.number, article.at).store(text, address, now)


class _Storing:
    """One article on its way into the database."""

    def __init__(self, connection: Connection, series: Series, article: Article, number: int, at: datetime) -> None:
        self._connection, self._series, self._article = connection, series, article
        self._number, self._at = number, at
        self._stored = Stored(number, not_understood=article.not_understood)
        self._people: dict[str, Person] = {}
        self._moment = at

    def store(self, text: str, address: str | None, now: datetime) -> Stored:
        connection, number = self._connection, self._number
        talks.create(connection, number, self._at, self._at - timedelta(days=6))
        for role, held in self._article.roles.items():
            for slot, name in enumerate(dict.fromkeys(held)):
                roles.claim(connection, number, role, slot, self._person(name).qq, self._at)
        for place, (section, body, by) in enumerate(self._article.wishes):
            message = (NO_MESSAGE, -self._at_most() - place)
            sections.suggest(connection, number, section, body, self._person(by).qq, message, self._at)
        for section, theme in self._article.themes.items():
            sections.name_theme(connection, number, section, theme, self._person("").qq, self._at)
        self._items()
        for question in self._article.questions:
            self._question(question)
        return self._publish(text, address, now)

    def _publish(self, text: str, address: str | None, now: datetime) -> Stored:
        connection, number, nobody = self._connection, self._number, self._person("").qq
        talks.end(connection, number, self._at + self._series.usual_length, None)
        if address:
            talks.set_record(connection, number, "article", address)
        if self._article.video:
            talks.set_record(connection, number, "video", self._article.video)
        told = SEPARATOR.join(self._article.summary)
        title = f"【{self._series.name} {talk_name(number)}】" + (f"本期提要: {told}" if told else "")
        talks.publish(connection, number, title, nobody)
        final_minutes.put(connection, number, text.strip() + "\n", nobody, now)
        published_names.keep(connection, number, compile_minutes(connection, self._series, number, now))
        return self._stored

    # Items

    def _items(self) -> None:
        wanted = {each.number for each in self._article.items if each.number and each.number <= MOST_NUMBER}
        free = iter(sorted(set(range(1, len(self._article.items) + max(wanted, default=0) + 1)) - wanted))
        last = 0
        for item in self._article.items:
            number = item.number if item.number in wanted and item.number else next(free)
            wanted.discard(number)
            last = max(last, number)
            self._item(item, number)
        talks.count_items(self._connection, self._number, last)

    def _item(self, read: ReadItem, number: int) -> None:
        link = _link(read.url)
        there = items.with_key(self._connection, self._number, link.key) if link else None
        title, note = one_line(read.title), "\n".join(read.lines)
        if there is not None or not (link or title or note):
            self._stored.not_understood.append((0, f"重复的链接：{read.title} {read.url}"))
            return
        item = items.create(
            self._connection,
            talk=self._number,
            number=number,
            section=read.section,
            category=read.category,
            url=link.url if link else None,
            key=link.key if link else None,
            key_version=KEY_VERSION,
            title=title or None,
            title_source=TitleSource.EDITOR if title else None,
            authors=None,
            site=None,
            note=note,
            submitter=self._person(read.by),
            via=self._person(read.via) if read.via else None,
            now=self._next(),
        )
        self._stored.items += 1
        self._stored.without_link += [] if link else [title]
        for url in read.links:
            self._attach(item.id, url)

    def _attach(self, item: int, url: str) -> None:
        link = _link(url)
        if link is not None:
            message = (NO_MESSAGE, 0)
            by, kind = self._person("").qq, AttachmentKind.LINK
            now = self._next()
            attachments.add(self._connection, item, kind, link.url, link.key, KEY_VERSION, by, message, now)

    # Discussion

    def _question(self, read: ReadQuestion) -> None:
        moment = self._next() if read.online else self._at - timedelta(days=1) + (self._next() - self._at)
        question: int | None = None
        if read.text:
            question = questions.create(self._connection, read.text, self._person(read.by).qq, moment)
            number = talks.take_question_number(self._connection, self._number)
            questions.set_number(self._connection, question, self._number, number)
            self._stored.questions += 1
        for said in read.said:
            if said.lines:
                self._say(question, said, moment)

    def _say(self, question: int | None, said: ReadStatement, moment: datetime) -> None:
        author = self._person(said.by)
        self._stored.answers += 1
        remarks.add(
            self._connection,
            talk=self._number,
            question=question,
            kind=RemarkKind.QUOTE if question is None else RemarkKind.ANSWER,
            headline=None,
            author=author,
            said_at=moment,
            filed_by=author,
            filed_at=moment,
            message=(NO_MESSAGE, -self._at_most() - 10_000 - self._stored.answers),
            lines=[LineRow(LineKind.TEXT, line) for line in said.lines],
        )

    # People and moments

    def _person(self, name: str) -> Person:
        """The only member with a name; somebody new, whose account is not known, if there is none."""
        called = clean_name(name) or NOBODY
        if called not in self._people:
            there = members.called(self._connection, called)
            one = there[0] if len(there) == 1 else None
            known = called != NOBODY
            self._people[called] = one or members.add_without_account(self._connection, called, page=known)
        return self._people[called]

    def _next(self) -> datetime:
        self._moment += _APART
        return self._moment

    def _at_most(self) -> int:
        """A number under which no other talk's made-up messages are."""
        return (self._number + 1) * 1_000_000


def _link(url: str) -> Link | None:
    found: Sequence[Link] = [each.link for each in find_addresses(url)] if url else []
    return found[0] if found else None
