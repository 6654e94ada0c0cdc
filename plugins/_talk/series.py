"""The settings of one community's talk series, as its TOML file gives them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from plugins._talk.hosts import is_within

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_TITLE = 40  # characters of the name of a series, section, role or category
LONGEST_WORD = 30  # of a key or short name, so that titles that are made of it are no longer than others
COMMAND = r"[A-Za-z]+|[\u4e00-\u9fff]+"  # what a section may be called to be a command
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
IN_CHINA = ("Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "PRC")


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name is a folder, or too long
        raise ValueError("没有这个时区，例 Asia/Shanghai、Europe/Berlin") from None


def _is_title(value: str) -> str:
    title = value.strip()
    breaks_lines = any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in title)
    if not 1 <= len(title) <= LONGEST_TITLE or breaks_lines:
        raise ValueError(f"应为一行文字，最多 {LONGEST_TITLE} 个字")
    return title


Key = Annotated[str, Field(pattern=r"^[a-z]+$", max_length=LONGEST_WORD)]
Title = Annotated[str, AfterValidator(_is_title)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Category(_Part):
    """A heading within a section; links to `hosts` (`host` or `host/path`) are assigned to it automatically.

    `hint` is printed under it in the minutes.
    """

    name: Title
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    hint: str = ""


class Section(_Part):
    """A part of the evening. `minutes` 0 means no limit; `nominations`: items without a link are accepted.

    `short` is its name in commands, `key` where it has none. At most `presents` items (0: any number) may be picked for
    the evening. In the minutes, `theme` is the label of the section's topic, `about` its description; with `wishes`
    they have a line for suggestions even when there are none.
    """

    key: Key
    name: Title
    short: Annotated[str, Field(max_length=LONGEST_WORD)] = ""
    minutes: Annotated[int, Field(ge=0)] = 0
    leads: Annotated[int, Field(ge=0)] = 0
    optional: bool = False
    nominations: bool = False
    presents: Annotated[int, Field(ge=0)] = 0
    theme: str = ""
    wishes: bool = False
    about: str = ""
    submissions: bool = True
    example: str = ""
    default_category: str | None = None
    categories: tuple[Category, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: object) -> object:
        """A section without `short` is called by its name, or its key where the name could not be a command."""
        fields = cast(dict[str, object], given) if isinstance(given, dict) else {}
        if not fields or fields.get("short"):
            return cast(object, given)
        name, key = str(fields.get("name", "")), str(fields.get("key", ""))
        is_command = re.fullmatch(COMMAND, name) or fields.get("submissions") is False
        return {**fields, "short": name if is_command and len(name) <= LONGEST_WORD else key}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.submissions and not re.fullmatch(COMMAND, self.short):
            raise ValueError(f"short {self.short!r} 是命令的名字：只用字母，或只用汉字")
        if (self.default_category is None) != (not self.categories):
            raise ValueError("default_category 和 categories 要一起写")
        if self.categories and self.default_category not in [each.name for each in self.categories]:
            raise ValueError(f"default_category {self.default_category!r} 不在 categories 里")
        return self

    @property
    def lead(self) -> str:
        """The name of the role of its leads, such as `新闻负责人`."""
        return f"{self.short}{' ' if self.short[-1].isascii() else ''}负责人"

    @cached_property
    def lead_role(self) -> "Role":
        """The role of its leads, under the section's own key."""
        called = (self.key, self.short, self.name)
        aliases = tuple(f"{word}{suffix}" for word in called for suffix in ("", "负责人", "lead"))
        return Role(key=self.key, name=self.lead, aliases=aliases, capacity=self.leads, days_in_group=0)

    def category_called(self, word: str) -> str | None:
        """The category that a member means by `word`."""
        folded = word.casefold()
        for category in self.categories:
            if folded in {category.name.casefold(), *(each.casefold() for each in category.aliases)}:
                return category.name
        return None

    def category_of(self, url: str) -> str | None:
        """The default category of a link: the one with the longest matching `hosts` entry."""
        address = url.partition("://")[2].removeprefix("www.").partition("?")[0]
        host, _, path = address.partition("/")
        fitting = [
            (len(entry), -place, category.name)
            for place, category in enumerate(self.categories)
            for entry in category.hosts
            if _fits(entry, host, path)
        ]
        return max(fitting)[2] if fitting else self.default_category


def _fits(entry: str, host: str, path: str) -> bool:
    """Whether an entry of the table, `host` or `host/path`, covers an address."""
    domain, _, below = entry.partition("/")
    return is_within(host, domain) and (not below or f"{path}/".startswith(f"{below}/"))


def _several(value: object) -> object:
    """One value where a list is expected."""
    if not isinstance(value, str | list | tuple):
        raise ValueError('应为文字，例 "…"，或几个的列表')
    return (value,) if isinstance(value, str) else cast(object, value)


Runs = Literal["evening", "minutes"]


class Role(_Part):
    """A job in a talk for up to `capacity` members, who must have been in the group for `days_in_group` days.

    One role `runs` the evening and has host rights; one may run the minutes, the same or another.
    """

    key: Key
    name: Title
    aliases: tuple[str, ...] = ()
    capacity: Annotated[int, Field(gt=0)] = 1
    days_in_group: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3
    runs: Annotated[tuple[Runs, ...], BeforeValidator(_several)] = ()


class Weekday(NamedTuple):
    """A day of the week, 0 for Monday; with `nth` only the nth of the month, -1 for the last."""

    day: int
    nth: int | None = None


def _weekday(value: object) -> object:
    """`sat`, `third thu`, `last fri`."""
    *ordinal, name = str(value).casefold().split() or [""]
    day = next((place for place, each in enumerate(WEEKDAYS) if name[:3] == each), None)
    if day is None or len(ordinal) > 1 or any(each not in ORDINALS for each in ordinal):
        raise ValueError(f"「{value}」不是星期几，例 sat，或每月一次的 third thu、last fri")
    return Weekday(day, ORDINALS[ordinal[0]] if ordinal else None)


class Meeting(_Part):
    """When the community meets, for how many hours at most, and where: a meeting's number, a link, or any text.

    On every `weekday`, of which there may be several; or with `every` = 2 in every second week, counted from the week
    of `since`. With `third thu` and the like, months are meant instead of weeks.
    """

    weekday: Annotated[
        tuple[Annotated[Weekday, BeforeValidator(_weekday)], ...], BeforeValidator(_several), Field(min_length=1)
    ]
    time: time
    hours: Annotated[float, Field(gt=0, le=48, allow_inf_nan=False)] = 6
    place: str = ""
    every: Annotated[int, Field(gt=0, le=52)] = 1
    since: date | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.every > 1 and self.since is None:
            raise ValueError(f"every = {self.every} 要和 since 一起写：第一次的日期，例 since = 2026-12-02")
        if self.is_monthly and any(each.nth is None for each in self.weekday):
            raise ValueError("weekday 要么都是每周的（sat），要么都是每月的（third thu）")
        return self

    @property
    def is_monthly(self) -> bool:
        return any(each.nth is not None for each in self.weekday)

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.hours)


class HolidayRules(_Part):
    """How a talk is moved by a public holiday, and by a weekend day that is worked in exchange for one.

    `country` is an ISO 3166 code ("": no public holidays, None: China's in its time zones, none elsewhere). Own `days`
    off, with their names, and `workdays` come before what is known of the country.
    """

    policy: Literal["next_week", "next_day", "ignore"] = "next_week"
    makeup_days: Literal["hold", "move"] = "hold"
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] | None = None
    days: Mapping[date, Annotated[str, Field(min_length=1)]] = {}
    workdays: frozenset[date] = frozenset()

    @field_validator("country")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value:
            from holidays import list_supported_countries  # only where a country is named: it takes 80 ms

            if value not in list_supported_countries():
                raise ValueError("不认识这个国家代码，例 CN、DE；不看公共假日就写空的")
        return value


class Moment(_Part):
    """A time around a talk: days from its day at a clock time, or minutes from its start."""

    days: int | None = None
    at: time | None = None
    minutes: int | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.days is None) != (self.at is None) or (self.days is None) == (self.minutes is None):
            raise ValueError("写 days 和 at，或者只写 minutes")
        return self

    def around(self, scheduled_at: datetime, zone: ZoneInfo) -> datetime:
        """This moment for a talk that starts at `scheduled_at` (aware)."""
        if self.days is None or self.at is None:
            return scheduled_at + timedelta(minutes=self.minutes or 0)
        day = scheduled_at.astimezone(zone).date() + timedelta(days=self.days)
        return datetime.combine(day, self.at, zone)


Record = Literal["minutes", "article", "video"]


class Reminders(_Part):
    """When each reminder is due. Those in `at_all` may @ everybody, as far as QQ's quota lets them.

    `records` are what a talk leaves behind, which the editor is asked for afterwards.
    """

    call: Moment = Moment(days=-3, at=time(20))
    gaps: Moment = Moment(days=-1, at=time(20))
    agenda: Moment = Moment(minutes=-30)
    aftercare: Moment = Moment(days=1, at=time(20))
    records: tuple[Record, ...] = ("minutes", "article", "video")
    at_all: tuple[Literal["call", "gaps", "agenda", "aftercare", "moved"], ...] = ()


class Limits(_Part):
    """Limits per message (links, characters of a note, name and title) and per member.

    One member holds at most `roles` roles in the talks to come, and a role with a minimum time in the group in at most
    `roles_ahead` talks after the next one.
    """

    links_per_message: Annotated[int, Field(gt=0)] = 20
    note: Annotated[int, Field(gt=0)] = 2000
    name: Annotated[int, Field(gt=0)] = 24
    title: Annotated[int, Field(ge=30)] = 100
    roles: Annotated[int, Field(gt=0)] = 4
    roles_ahead: Annotated[int, Field(gt=0)] = 1


class Cap(_Part):
    """The maximum in one talk: per member (`each`), per section, item or question (`within`), and in total (`talk`)."""

    each: Annotated[int, Field(gt=0)]
    within: Annotated[int, Field(gt=0)] = 1_000
    talk: Annotated[int, Field(gt=0)]


class Caps(_Part):
    """The most that a talk takes of everything that people can send in."""

    items: Cap = Cap(each=60, within=120, talk=300)
    seconds: Cap = Cap(each=150, within=100, talk=1_000)
    additions: Cap = Cap(each=60, within=20, talk=400)
    pictures: Cap = Cap(each=40, talk=200)
    questions: Cap = Cap(each=20, talk=120)
    answers: Cap = Cap(each=60, within=30, talk=400)
    quotes: Cap = Cap(each=60, within=60, talk=300)
    wishes: Cap = Cap(each=5, within=20, talk=60)


class LookUps(_Part):
    """Rate limit of read-only commands: answers per member (`each`) and per `group` within `seconds`."""

    each: Annotated[int, Field(gt=0)] = 8
    group: Annotated[int, Field(gt=0)] = 30
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60


def _host(value: str) -> str:
    """A host name normalised as in `Link.host`: lower case, without `www.` and a final dot."""
    return value.strip().rstrip(".").casefold().removeprefix("www.")


class Advertising(_Part):
    """Rules for rejecting submissions; 0 switches a rule off.

    At most `links` links from one sender within `minutes`; `days_in_group` is the sender's minimum time in the group.
    """

    blocked_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    links: Annotated[int, Field(ge=0)] = 0
    minutes: Annotated[int, Field(gt=0)] = 10
    days_in_group: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0


def _emoji(value: object) -> object:
    """QQ's id of an emoji: its Unicode code point in decimal; a number is kept unchanged."""
    return str(ord(value[0])) if isinstance(value, str) and value and not value[0].isdigit() else str(value)


Emoji = Annotated[str, BeforeValidator(_emoji), Field(pattern=r"^\d+$")]


class Reactions(_Part):
    """Emoji ids of the bot's reactions. With `quiet` a plain 'got it' is a reaction instead of a message."""

    pin: Emoji = "10024"
    got_it: Emoji = "128077"
    quiet: bool = False


class Hearing(_Part):
    """How chat is understood: a message that begins with `/` and one of `others` is another bot's command."""

    others: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class Labelled(_Part):
    """A line of the minutes: `【label】: text`."""

    label: str
    text: str


class Plan(_Part):
    """A plan of the community, printed in the minutes."""

    text: str
    priority: str = ""


class EarlierTalk(_Part):
    """A talk held before the bot was in use: its full title, and the URLs of its article and video."""

    title: str
    article: str = ""
    video: str = ""
    video_offset: Annotated[int, Field(ge=0)] | None = None


class Joining(_Part):
    """How to join the community, as printed in the minutes under `heading`."""

    heading: str = "加入我们"
    intro: str = ""
    group_name: str = ""
    group_number: Annotated[int, Field(gt=0)] | None = None
    wechat: str = ""


class Texts(_Part):
    """Fixed texts of the minutes. `number`, `time` … are printed in brackets after the talk's own value.

    `template` is the series' own Jinja template for the minutes, a path relative to the TOML file. What is not given
    has no heading.
    """

    template: Path | None = None
    prologue: str | None = None
    background: tuple[Labelled, ...] = ()
    number: str = ""
    time: str = ""
    host: str = ""
    editor: str = ""
    leads: str = ""
    content: str = ""
    no_video: str = "后续放出"
    notices: tuple[Labelled, ...] = ()
    in_group: str = ""
    references: tuple[str, ...] = ()
    plans: tuple[Plan, ...] = ()
    past: tuple[EarlierTalk, ...] = ()


def _folded(word: str) -> str:
    """A word as it is compared: without spaces, in one case."""
    return re.sub(r"\s+", "", word).casefold()


def _shared(called: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    """The words by which two things, named first, would be called."""
    taken: dict[str, str] = {}
    for name, words in called:
        own = {_folded(word): word for word in words}
        yield from (f"「{own[word]}」是 {taken[word]}，也是 {name}：换一个叫法" for word in own if word in taken)
        taken |= dict.fromkeys(own, name)


class Series(_Part):
    """All settings of one community."""

    name: Title
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    meeting: Meeting
    holidays: HolidayRules = HolidayRules()
    limits: Limits = Limits()
    caps: Caps = Caps()
    look_ups: LookUps = LookUps()
    advertising: Advertising = Advertising()
    reactions: Reactions = Reactions()
    hearing: Hearing = Hearing()
    reminders: Reminders = Reminders()
    joining: Joining = Joining()
    texts: Texts = Texts()
    roles: tuple[Role, ...]
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [role.key for role in self.all_roles]
        if doubled := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"key 写了两次：{'、'.join(sorted(doubled))}")
        sections = [(each.name, (each.key, each.name, each.short)) for each in self.sections]
        roles = [(each.name, (each.name, *each.aliases)) for each in self.all_roles]
        if shared := [*_shared(sections), *_shared(roles)]:
            raise ValueError("；".join(shared))
        for runs in ("evening", "minutes"):
            names = [role.name for role in self.roles if runs in role.runs]
            if len(names) > 1:
                raise ValueError(f'只能有一个角色写 runs = "{runs}"，现在有 {"、".join(names)}')
            if not names and runs == "evening":
                raise ValueError('要有一个角色写上 runs = "evening"：它主持当晚')
        return self

    def section(self, key: str) -> Section:
        """A section by its key; one that the series has no longer keeps its items under that key."""
        there = (section for section in self.sections if section.key == key)
        return next(there, None) or Section(key=key, name=f"其他（{key}）", short=key, optional=True)

    def section_called(self, word: str) -> Section | None:
        """The section for submissions that a member means by its key or name."""
        section = self.section_named(word)
        return section if section and section.submissions else None

    def section_named(self, word: str) -> Section | None:
        """Any section by its key or name."""
        folded = word.casefold()
        for section in self.sections:
            if folded in {section.key, section.name.casefold(), section.short.casefold()}:
                return section
        return None

    @property
    def all_roles(self) -> tuple[Role, ...]:
        """Host, editor and the like, then the lead of each section under the section's own key."""
        return (*self.roles, *(section.lead_role for section in self.sections if section.leads))

    @property
    def country(self) -> str:
        """The country whose public holidays count; "" for none."""
        own = self.holidays.country
        return ("CN" if self.zone.key in IN_CHINA else "") if own is None else own

    @property
    def host(self) -> Role:
        """The role that runs the evening."""
        return next(role for role in self.roles if "evening" in role.runs)

    @property
    def editor(self) -> Role:
        """The role that makes the minutes: the host where no other does."""
        return next((role for role in self.roles if "minutes" in role.runs), self.host)

    @property
    def leaders(self) -> tuple[Role, ...]:
        """The roles with host rights: host and editor, which may be one."""
        return tuple(dict.fromkeys((self.host, self.editor)))

    @property
    def submitting(self) -> tuple[Section, ...]:
        """The sections that take submissions."""
        return tuple(section for section in self.sections if section.submissions)

    @property
    def usual_length(self) -> timedelta:
        """How long a talk usually takes: its sections' minutes, and an hour where one has no limit."""
        minutes = sum(section.minutes for section in self.sections)
        return timedelta(minutes=minutes + (60 if any(section.minutes == 0 for section in self.sections) else 0))

    @property
    def submit(self) -> str:
        """The command of the first section that takes submissions, such as `/新闻`."""
        return f"/{self.submitting[0].short}" if self.submitting else "/帮助"

    @property
    def talking(self) -> str:
        """The name of the section for questions and discussion, or ""."""
        return self.place_to_talk.name if self.place_to_talk else ""

    @property
    def place_to_talk(self) -> Section | None:
        """The section for questions and discussion."""
        return next((section for section in self.sections if not section.submissions), None)

    def likeliest(self, url: str) -> Section:
        """The section in which a link most likely belongs: the first with a category for its host, else the first."""
        named = (each for each in self.submitting if each.category_of(url) != each.default_category)
        return next(named, self.submitting[0])

    @property
    def in_charge(self) -> str:
        """The names of the roles with host rights, for refusal messages."""
        return "、".join(role.name for role in self.leaders)

    def role(self, key: str) -> Role:
        """A role by its key; one that the series has no longer is called by it."""
        return next((role for role in self.all_roles if role.key == key), None) or Role(key=key, name=key)

    def role_called(self, name: str) -> Role | None:
        """The role that a member means: '主持人', 'host', '新闻', '新闻 负责人' …"""
        folded = _folded(name)
        for role in self.all_roles:
            if folded in {_folded(word) for word in (role.name, *role.aliases)}:
                return role
        return None

    @property
    def file_stem(self) -> str:
        """The series' name made safe as the beginning of a file name."""
        return re.sub(r"[^\w]+", "-", self.name).strip("-") or "talk"
