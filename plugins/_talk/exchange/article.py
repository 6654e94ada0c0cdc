"""Reading a talk's article: the Markdown of minutes, the bot's own or written by hand in the same shape.

What there is to know of it: headings are the series' sections, categories and fixed chapters, whatever their level;
`【label】: text` tells who did what; an item is a title with a link on the line below, or in the same line; a question
has a number, and what stands below it is its answer. Pure functions; every line that fits nothing is told.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from plugins._talk.links.canonical import find_addresses
from plugins._talk.series import Section, Series

LONGEST_LINE = 5_000  # characters; longer lines are told as not understood
ONLINE, IN_GROUP = "线上讨论", "群里讨论"
RECORD, PLANS, REFERENCES, EARLIER = "本期记录", "后续计划", "参考资料", "往期精彩"
FIXED = ("序章", "背景介绍", "注意事项", REFERENCES, PLANS, EARLIER, "讨论")
_LABEL = re.compile(r"【(?P<label>[^】]{1,20})】(?:\s*[-—]\s*排名不分先后)?\s*[:：]?\s*(?P<text>.*)")
_NAME = r"[^\s—()（）,，;；:：][^—()（）;；]{0,30}?"
_CREDIT = re.compile(rf"\s*——\s*(?P<name>{_NAME})(?:（(?P<via>{_NAME}) 转）)?(?:（#(?P<number>\d{{1,6}})）)?\s*$")
_SIGNED = re.compile(
    rf"(?:\s*——\s*|--)(?P<name>{_NAME})(?:（(?P<via>{_NAME}) 转）)?(?:[,，]\s*\d\d-\d\d \d\d:\d\d)?\s*$"
)
_SIGNS_WISH = re.compile(rf"\s*(?P<name>{_NAME})\s*(?:[;；]|$)")
_ASKED = re.compile(r"Q(?P<number>\d{1,4})\s+(?P<text>.+?)\s*——\s*(?P<name>[^，,]+?)(?:[，,]\s*\d+ 票)?$")
_NUMBERED = re.compile(r"(?P<number>\d{1,3})[.、．]\s*(?P<text>.+)")
_DAY = re.compile(r"(?P<y>20\d\d)[-/.年]?\s?(?P<m>\d{1,2})[-/.月]?\s?(?P<d>\d{1,2})")
_HOUR = re.compile(r"(?P<hour>\d{1,2})[:：](?P<minute>\d\d)")
_SPOKEN_HOUR = re.compile(
    r"(?P<part>早上|上午|中午|下午|晚上|晚)?\s*(?P<hour>[零一二两三四五六七八九十\d]{1,3})\s*点(?P<half>半)?"
)
_DIGITS = {each: place for place, each in enumerate("零一二三四五六七八九十")} | {"两": 2, "十一": 11, "十二": 12}
_EMPTY = ("待认领", "多人", "有空会同步")
_ASIDE = re.compile(r"\s*[(（](?:后续|最好|由|每)[^()（）]*[)）]\s*$")
_NO_LINK = ("（还没有回答）", "（当场聊过）", "（还没有链接）")


@dataclass
class ReadItem:
    """An item: `lines` are its note; `number` and `by` are what its credit says, if anything."""

    section: str
    category: str | None
    title: str
    url: str = ""
    by: str = ""
    via: str = ""
    number: int | None = None
    lines: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])


@dataclass
class ReadStatement:
    """An answer, or words that were quoted."""

    lines: list[str]
    by: str = ""


@dataclass
class ReadQuestion:
    """A question (`text` "" where words stand without one) with what was said to it."""

    number: int | None
    text: str
    by: str = ""
    online: bool = True
    said: list[ReadStatement] = field(default_factory=list[ReadStatement])


@dataclass
class Article:
    """A talk as its article tells it. `not_understood` are lines, with their numbers, that fit nothing."""

    number: int | None = None
    at: datetime | None = None
    summary: list[str] = field(default_factory=list[str])
    video: str = ""
    roles: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    themes: dict[str, str] = field(default_factory=dict[str, str])
    wishes: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    items: list[ReadItem] = field(default_factory=list[ReadItem])
    questions: list[ReadQuestion] = field(default_factory=list[ReadQuestion])
    not_understood: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


@dataclass(frozen=True)
class _Line:
    """A line without its markup; `heading` if it was marked as one."""

    number: int
    text: str
    heading: bool


def read_article(markdown: str, series: Series) -> Article:
    """What the article of a talk of this series tells."""
    reader = _Reader(series)
    for line in _lines(markdown):
        reader.take(line)
    reader.close_item()
    return reader.article


def _lines(markdown: str) -> Iterator[_Line]:
    """The lines that say something, without Markdown's marks. What goes on on the next line is joined."""
    waiting: _Line | None = None
    for number, raw in enumerate(markdown.splitlines(), 1):
        marks = re.match(r"\s*(#{1,6}\s+)?(.*)", raw)
        body = marks[2].strip() if marks else raw.strip()
        if not body:
            continue
        text = re.sub(r"(?<!\\)(?:</?(?:sup|sub|b|i)>|\*\*)", "", body)
        text = " ".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).split())
        if not text:  # nothing but markup
            continue
        line = _Line(number, text, bool(marks and marks[1]))
        if waiting is not None and _goes_on(waiting, line):
            line = _Line(waiting.number, f"{waiting.text}{' ' if text[0] == '-' else ''}{text}", False)
        elif waiting is not None:
            yield waiting
        waiting = line
    if waiting is not None:
        yield waiting


def _goes_on(line: _Line, following: _Line) -> bool:
    """Whether a line ends in the middle, so that the following one belongs to it."""
    broken = line.text[-1] in "-、，," or (following.heading and following.text.startswith("- "))
    return broken and len(line.text) < LONGEST_LINE


class _Reader:
    """Goes through the lines of an article, and knows under which heading it is."""

    def __init__(self, series: Series) -> None:
        self.article = Article()
        self._series = series
        self._chapter = ""  # a fixed heading, or a section's key
        self._section: Section | None = None
        self._category: str | None = None
        self._names: list[str] = []  # who contributed to the section, where the items do not say
        self._waiting: list[_Line] = []  # text that may become an item's title or an earlier one's note
        self._item: ReadItem | None = None
        self._online = True

    def take(self, line: _Line) -> None:
        if len(line.text) > LONGEST_LINE:
            self._lost(line)
            return
        if self._is_heading(line):
            return
        if self._chapter == RECORD:
            self._record(line)
        elif self._chapter == "discussion":
            self._discussed(line)
        elif self._section is not None:
            self._in_section(line)
        elif self._chapter not in FIXED and self._chapter != self._series.joining.heading:
            self._number(line)

    # Headings

    def _is_heading(self, line: _Line) -> bool:
        """Whether a line is one of the headings that there are; then what follows stands under it."""
        text = line.text.rstrip(":：").strip()
        if text in (ONLINE, IN_GROUP):
            self.close_item()
            self._chapter, self._online = "discussion", text == ONLINE
            return True
        named = text.removesuffix("-optional").strip()
        section = next((each for each in self._series.sections if each.name == named), None)
        if section is not None and (line.heading or named == text):
            self._enter(section.key, section)
            return True
        if text in (RECORD, *FIXED, self._series.joining.heading):
            self._enter(text, None)
            return True
        categories = [each.name for each in self._section.categories] if self._section else []
        if text in categories and self._chapter != "discussion":
            self.close_item()
            self._category = text
            return True
        return False

    def _enter(self, chapter: str, section: Section | None) -> None:
        self.close_item()
        self._chapter, self._section, self._category, self._names = chapter, section, None, []

    def _number(self, line: _Line) -> None:
        match = re.search(rf"{re.escape(self._series.name)}\s*(\d{{1,9}})", line.text)
        if match is None:
            self._lost(line)
        elif self.article.number is None:
            self.article.number = int(match[1])

    # 本期记录

    def _record(self, line: _Line) -> None:
        match = _LABEL.match(line.text)
        if match is None:
            if not re.match(r"-?\s*(?:\d+:)?\d{1,3}:\d\d\s|!\[", line.text):  # chapters, the timeline: made anew
                self._lost(line)
            return
        label, text = match["label"].strip(), match["text"].strip()
        roles = {role.name: role.key for role in self._series.roles}
        if label == "编号":
            self._number(line)
        elif label == "时间":
            self.article.at = self._moment(text)
        elif label == "本期提要":
            self.article.summary = [each.strip() for each in re.split(r"[;；]", text) if each.strip()]
        elif label in roles:
            self.article.roles[roles[label]] = names_in(text)
        elif label == "版块负责人":
            self._leads(text)
        elif "视频" in label:
            found = find_addresses(text)
            self.article.video = found[0].link.url if found else ""
        elif label not in ("本期贡献者", "具体内容贡献者"):
            self._lost(line)

    def _leads(self, text: str) -> None:
        for part in re.split(r"[;；]", _ASIDE.sub("", text)):
            section = next((each for each in self._series.sections if part.strip().startswith(each.name)), None)
            if section is not None:
                self.article.roles[section.key] = names_in(part.strip().removeprefix(section.name))

    def _moment(self, text: str) -> datetime | None:
        day = _DAY.search(text)
        if day is None:
            return None
        hour, minute = _clock(text[day.end() :]) or (self._series.meeting.time.hour, self._series.meeting.time.minute)
        try:
            return datetime(int(day["y"]), int(day["m"]), int(day["d"]), hour, minute, tzinfo=self._series.zone)
        except ValueError:
            return None

    # Sections

    def _in_section(self, line: _Line) -> None:
        section = self._section
        assert section is not None  # noqa: S101 the caller has looked
        label = _LABEL.match(line.text)
        if label is not None and self._labelled(section, label["label"].strip(), label["text"].strip()):
            return
        hints = [each.hint for each in section.categories if each.hint]
        if line.text in hints:
            return
        if line.text.startswith("!["):
            self._lost(line)
            return
        urls = [found.link.url for found in find_addresses(line.text)]
        rest = _without_addresses(line.text)
        credit = _CREDIT.search(line.text)
        if credit is not None and credit["number"]:  # as the bot writes it: a title with its credit
            self.close_item()
            self._item = self._new(
                line.text[: credit.start()], credit["name"], credit["via"] or "", int(credit["number"])
            )
        elif self._item is not None and self._item.number is not None:
            self._below(self._item, line.text, urls, rest)
        elif urls and rest and not rest.rstrip().endswith((":", "：")):
            self.close_item()  # a title and its link in one line
            self._item = self._new(rest)
            self._item.url = urls[0]
            self._item.links += urls[1:]
        elif urls:
            self._linked(urls, whole=bool(rest))
        else:
            self._waiting.append(line)

    def _labelled(self, section: Section, label: str, text: str) -> bool:
        """What a label of a section tells; False for one that is none, such as the beginning of a title."""
        if label == section.name:
            return True
        if label == "贡献者":
            self._names = names_in(text)
        elif label == "提名区":
            for each in filter(None, map(str.strip, re.split(r"[;；]", text))):
                by = re.search(r"[(（]([^,，()（）]+)[^()（）]*[)）]$", each)
                title = each[: by.start()] if by else each
                self.article.items.append(
                    ReadItem(section.key, section.default_category, title, by=by[1] if by else "")
                )
        elif label == "建议区":
            self.article.wishes += [(section.key, body, by) for body, by in _wishes(text)]
        elif label in (section.theme, "本期主题", "本周主题"):
            self.article.themes |= {section.key: text} if text else {}
        else:
            return False
        return True

    def _below(self, item: ReadItem, text: str, urls: Sequence[str], rest: str) -> None:
        """A line below an item that says where it ends: its link, further links, its note."""
        if urls and not rest:
            if not item.url:
                item.url, urls = urls[0], urls[1:]
            item.links += urls
        elif text not in _NO_LINK:
            item.lines.append(text)

    def _linked(self, urls: Sequence[str], *, whole: bool) -> None:
        """A link on a line of its own: the line above is its title, what stands above that an item without a link.

        `whole`: the line says what it is a link to (`文章原文:`), so it belongs to all that stands above.
        """
        if self._waiting and whole:
            first, *others = self._waiting
            self._waiting = []
            self.close_item()
            self._item = self._new(first.text)
            self._item.url, self._item.lines = urls[0], [each.text for each in others]
            self._item.links += urls[1:]
        elif self._waiting:
            title = self._waiting.pop().text
            self.close_item()
            self._item = self._new(title)
            self._item.url = urls[0]
            self._item.links += urls[1:]
        elif self._item is not None:
            self._item.links += urls
        elif self._section is not None:
            self._item = self._new("")
            self._item.url = urls[0]

    def close_item(self) -> None:
        """Put away the item that is on, and what waits behind it as one without a link."""
        if self._item is not None:
            self.article.items.append(self._item)
            self._item = None
        if self._waiting and self._section is not None and self._chapter != "discussion":
            first, *others = self._waiting
            apart = self._new(first.text)
            apart.lines = [each.text for each in others]
            if apart.title.endswith((":", "：")) and not others:
                self._lost(first)  # a heading with nothing below it
            else:
                self.article.items.append(apart)
        self._waiting = []

    def _new(self, title: str, by: str = "", via: str = "", number: int | None = None) -> ReadItem:
        assert self._section is not None  # noqa: S101 items stand in sections
        signed = _SIGNED.search(title) if not by else None
        if signed is not None and signed.start() > 0:
            title, by = title[: signed.start()], signed["name"]
        category = self._category or self._section.default_category
        only = self._names[0] if len(self._names) == 1 else ""
        return ReadItem(self._section.key, category, title.strip(), by=by or only, via=via, number=number)

    # Discussion

    def _discussed(self, line: _Line) -> None:
        if line.text in _NO_LINK or line.text.startswith(_EMPTY):
            return
        asked, numbered = _ASKED.fullmatch(line.text), _NUMBERED.match(line.text)
        last = self.article.questions[-1] if self.article.questions else None
        if line.text.startswith("!["):
            self._lost(line)
        elif asked is not None:
            self._ask(int(asked["number"]), asked["text"], asked["name"])
        elif numbered is not None and self._online and int(numbered["number"]) == self._asked() + 1:
            self._ask(int(numbered["number"]), numbered["text"].strip(), "")
        elif last is None or last.online != self._online:
            self._ask(None, "", "")
            self._say(line.text)
        else:
            self._say(line.text)

    def _asked(self) -> int:
        return max((each.number or 0 for each in self.article.questions), default=0)

    def _ask(self, number: int | None, text: str, by: str) -> None:
        self.article.questions.append(ReadQuestion(number, text, by, self._online))

    def _say(self, text: str) -> None:
        """A line of an answer; one that is signed ends it."""
        question = self.article.questions[-1]
        begins = re.match(r"答\s*[:：]\s*", text)
        if begins is not None or not question.said or question.said[-1].by:
            question.said.append(ReadStatement([]))
        body = text[begins.end() :] if begins else text
        signed = _SIGNED.search(body)
        statement = question.said[-1]
        if signed is not None:
            statement.by, body = signed["name"], body[: signed.start()]
        statement.lines += [body] if body.strip() else []

    def _lost(self, line: _Line) -> None:
        self.article.not_understood.append((line.number, line.text))


def _wishes(text: str) -> Iterator[tuple[str, str]]:
    """The suggestions in `a —— somebody; b —— another`: texts and names; without a name, one text."""
    body, *others = text.split("——")
    for part in others:
        signed = _SIGNS_WISH.match(part)
        if signed is None:
            body += f"——{part}"
            continue
        yield body.strip(), signed["name"]
        body = part[signed.end() :]
    if body.strip():
        yield body.strip(), ""


def names_in(text: str) -> list[str]:
    """The names in `羡鱼、suc16 (最好由主持人兼任)`, without what is said of them."""
    told = _ASIDE.sub("", text)
    parts = (re.sub(r"[(（][^()（）]*[)）]", "", each).strip() for each in re.split(r"[、,，;；+]", told))
    return [each for each in parts if each and not each.startswith(_EMPTY)]


def _without_addresses(text: str) -> str:
    rest, end = "", 0
    for found in find_addresses(text):
        rest, end = rest + text[end : found.start], found.end
    return (rest + text[end:]).replace("<>", "").strip(" <>")


def _clock(text: str) -> tuple[int, int] | None:
    if (match := _HOUR.search(text)) is not None:
        return int(match["hour"]), int(match["minute"])
    if (match := _SPOKEN_HOUR.search(text)) is None:
        return None
    hour = int(match["hour"]) if match["hour"].isdigit() else _DIGITS.get(match["hour"], 0)
    late = match["part"] in ("下午", "晚上", "晚") and hour < 12
    return hour + 12 if late else hour, 30 if match["half"] else 0
