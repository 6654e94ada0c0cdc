"""Deployment settings, from environment variables. Policy is in the series' TOML file."""

import json
import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from plugins._talk.problems import Problems, explained, shown

SANDBOX_GROUP = 100_000_000
ENV_FILES = (".env", ".env.prod")
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")
SQLITE = "sqlite:///"


def in_url(host: str, port: int) -> str:
    """Format host and port for a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class BadSetting(Problems):
    """Environment variables have invalid values; each problem names one. `series_file` is TALK_FILE all the same."""

    series_file: Path | None = None


def _read(value: object) -> object:
    """A list is written as JSON in the environment."""
    return json.loads(value) if isinstance(value, str) else value


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


T = TypeVar("T")
Listed = Annotated[tuple[T, ...], BeforeValidator(_read)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseModel):
    """The validated environment. Field names are the variables' names in lower case.

    `root` is the folder that holds bot.py and .env: what a relative path is relative to.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    root: Path
    host: str = "127.0.0.1"
    port: Port = 8080
    log_level: str = "INFO"
    log_file: Path | None = None
    log_format: Literal["text", "json"] = "text"
    onebot_access_token: str | None = None
    superusers: Listed[Annotated[str, BeforeValidator(_text)]] = ()
    command_start: Listed[str] = ("/",)
    data_dir: Path = Path("data")
    database_url: str | None = None
    backups: Annotated[int, Field(ge=0, le=1000)] = 7
    talk_groups: Listed[Annotated[int, Field(gt=0)]] = ()
    talk_first_number: Annotated[int, Field(ge=0, le=999_999_999)] = 0  # at most 9 digits, like numbers in commands
    talk_file: Path | None = None
    nickname: Listed[str] = ("小助手",)
    fetch_ports: Listed[Port] = (80, 443)
    trusted_proxies: Listed[str] = ("127.0.0.1", "::1")
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = None
    sandbox: bool = False

    @field_validator("onebot_access_token", "talk_file", "public_url", "log_file", "database_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("data_dir", "talk_file", "log_file")
    @classmethod
    def _is_path(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @field_validator("host")
    @classmethod
    def _is_address(cls, value: str) -> str:
        address = "127.0.0.1" if value == "localhost" else value
        ip_address(address)
        return address

    @field_validator("log_level", mode="before")
    @classmethod
    def _is_level(cls, value: object) -> str:
        level = str(value).upper()
        if level not in LOG_LEVELS:
            raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
        return level

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if contradictions := list(self._contradictions()):
            raise ValueError("\n".join(contradictions))
        return self

    def _contradictions(self) -> Iterator[str]:
        """What does not go together, or is missing."""
        if self.sandbox and self.talk_groups:
            yield "SANDBOX 和 TALK_GROUPS 不能同时设置：沙盒只服务它自己的群"
        if self.sandbox and not self.on_loopback:
            yield f"HOST={self.host}：沙盒没有密码，只能监听本机（127.0.0.1）"
        if not self.onebot_access_token and not self.on_loopback:
            yield f"HOST={self.host}：对外开放时要有 ONEBOT_ACCESS_TOKEN，否则谁都能冒充 QQ 连进来；设一个长口令"
        if not self.onebot_access_token and self.public_url:
            yield "PUBLIC_URL：还没有 ONEBOT_ACCESS_TOKEN，经过网站谁都能冒充 QQ 连进来；设一个长口令"
        if not self.sandbox and not self.talk_groups:
            yield "TALK_GROUPS 没有设置：写上要服务的群号，例 [123456789]；只想试试就设 SANDBOX=true"

    @property
    def on_loopback(self) -> bool:
        return ip_address(self.host).is_loopback

    @property
    def everywhere(self) -> bool:
        return ip_address(self.host).is_unspecified

    @property
    def address(self) -> str:
        return in_url(self.host, self.port)

    @property
    def own_address(self) -> str:
        """The address at which this machine reaches the bot."""
        return in_url("127.0.0.1" if self.everywhere else self.host, self.port)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names, besides loopback, by which requests may address this server."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return tuple(each for each in (None if self.everywhere else self.host, public) if each)

    @property
    def origin(self) -> str | None:
        """The public address as a browser's `Origin` header: scheme and host."""
        if self.public_url is None:
            return None
        address = urlsplit(self.public_url)
        return f"{address.scheme}://{address.netloc}"

    @property
    def site(self) -> str | None:
        """Where the pages are: at the public address, or, in the sandbox, on this machine. None: nowhere."""
        if self.public_url is None:
            return f"http://{self.address}" if self.sandbox else None
        return self.public_url.rstrip("/")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not be logged: the token and the database password."""
        password = urlsplit(self.database_url).password if self.database_url else None
        return tuple(each for each in (self.onebot_access_token, password) if each)

    @property
    def groups(self) -> tuple[int, ...]:
        """The groups that this process serves."""
        return (SANDBOX_GROUP,) if self.sandbox else tuple(dict.fromkeys(self.talk_groups))

    @property
    def data(self) -> Path:
        """The folder of data."""
        return self.root / self.data_dir

    @property
    def series_file(self) -> Path | None:
        """The series' own file."""
        return self.root / self.talk_file if self.talk_file else None

    @property
    def database(self) -> str:
        """The database URL; the sandbox has its own. A relative file is relative to the root."""
        url = self.database_url
        if self.sandbox or not url:
            return f"{SQLITE}{self.data / ('sandbox.db' if self.sandbox else 'talk.db')}"
        if not url.startswith(SQLITE) or not url.removeprefix(SQLITE):
            return url
        return f"{SQLITE}{self.root / url.removeprefix(SQLITE)}"


def load_settings(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment (default: the process's own), then .env and .env.prod in `root`.

    Raises BadSetting with all that is wrong: values, names in the files that are misspelt, what does not go together.
    """
    given = os.environ if environment is None else environment
    files = [root / name for name in ENV_FILES if (root / name).is_file()]
    try:
        written = {name: value or "" for file in files for name, value in dotenv_values(file).items()}
        places = dict(_places(files))
    except UnicodeDecodeError as error:
        raise BadSetting(".env 不是 UTF-8 编码，请用 UTF-8 另存一次") from error
    except OSError as error:
        raise BadSetting(f".env 读不了（{error.strerror}）") from error
    values = {name.upper(): value for name, value in (*written.items(), *given.items())}
    places = {name: place for name, place in places.items() if name.upper() not in {each.upper() for each in given}}
    wrong = [f"{places[name]}：{problem}" for name in places if (problem := _misspelt(name))]
    known = {name: values[name.upper()] for name in Settings.model_fields if name.upper() in values}
    try:
        settings = Settings.model_validate({**known, "root": root})
    except ValidationError as error:
        wrong += [*_explained(error, values, places), *_also_missing(error, {**known, "root": root})]
        raise _bad(wrong, root, values) from error
    if wrong:
        raise _bad(wrong, root, values)
    return settings


def _bad(wrong: list[str], root: Path, values: Mapping[str, str]) -> BadSetting:
    bad = BadSetting(*wrong)
    bad.series_file = root / values["TALK_FILE"] if values.get("TALK_FILE") else None
    return bad


def _also_missing(error: ValidationError, known: Mapping[str, object]) -> Iterator[str]:
    """What else does not go together, apart from the values that are wrong: pydantic looks at that only without any."""
    wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
    if wrong:
        try:
            Settings.model_validate({name: value for name, value in known.items() if name not in wrong})
        except ValidationError as more:
            said = (line for each in more.errors() if not each["loc"] for line in explained(each).split("\n"))
            yield from (line for line in said if not any(name.upper() in line for name in wrong))


def _places(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Where each name is written in the files: `.env 第 3 行`."""
    for file in files:
        with file.open(encoding="utf-8") as stream:
            for binding in parse_stream(stream):
                if binding.key:
                    skipped = binding.original.string[: binding.original.string.find(binding.key)].count("\n")
                    yield binding.key, f"{file.name} 第 {binding.original.line + skipped} 行"


def _misspelt(name: str) -> str | None:
    """Whether a name in the file is probably one of ours, misspelt; others may be settings of other plugins."""
    known = [each.upper() for each in Settings.model_fields if each != "root"]
    near = get_close_matches(name.upper(), known, n=1, cutoff=0.85)
    return f"没有 {name} 这个设置，是不是 {near[0]}？" if near and near[0] != name.upper() else None


_SHAPES = {
    "TALK_GROUPS": "应为群号的 JSON 列表，例 [123456789]",
    "SUPERUSERS": '应为 QQ 号的 JSON 列表，例 ["10001"]',
    "COMMAND_START": '应为 JSON 列表，例 ["/"]',
    "NICKNAME": '应为 JSON 列表，例 ["小助手"]',
    "PORT": "应为 1 到 65535 的数字",
    "HOST": "应为 IP 地址，例 127.0.0.1",
    "LOG_LEVEL": f"应为 {' '.join(LOG_LEVELS)} 之一",
    "LOG_FORMAT": "应为 text 或 json",
    "BACKUPS": "应为 0 到 1000 的数字：留几份每晚的备份",
    "TALK_FIRST_NUMBER": "应为 0 或正整数，最多九位",
    "FETCH_PORTS": "应为端口的 JSON 列表，例 [80,443]",
    "TRUSTED_PROXIES": '应为地址的 JSON 列表，例 ["127.0.0.1"]',
    "PUBLIC_URL": "应为网址，例 https://talk.example.org",
    "SANDBOX": "应为 true 或 false",
}


def _explained(error: ValidationError, values: Mapping[str, str], places: Mapping[str, str]) -> Iterator[str]:
    """The errors, each variable once, in one line that names it and says where it is written."""
    told = set[str]()
    for each in error.errors(include_url=False):
        if not each["loc"]:
            yield from explained(each).split("\n")
            continue
        name = str(each["loc"][0]).upper()
        if name not in told:
            told.add(name)
            where = f"{places[name]}：" if name in places else ""
            yield f"{where}{name}={shown(values[name])}：{_SHAPES.get(name) or explained(each)}"
