"""Deployment settings, from environment variables. Policy is in the series' TOML file."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from nonebot.config import BaseSettings, SettingsError
from pydantic import Field, ValidationError, field_validator, model_validator

SANDBOX_GROUP = 100_000_000
SANDBOX_DATABASE = "sqlite:///data/sandbox.db"
ENV_FILES = (".env", ".env.prod")
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")


def in_url(host: str, port: int) -> str:
    """Format host and port for a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class BadSetting(Exception):
    """An environment variable has an invalid value; the message names it, in one line."""


class Settings(BaseSettings):
    """The validated environment. Field names are the variables' names in lower case."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    log_level: str = "INFO"
    onebot_access_token: str | None = None
    database_url: str = "sqlite:///data/talk.db"
    talk_groups: list[Annotated[int, Field(gt=0)]] | None = None
    talk_first_number: Annotated[int, Field(ge=0, le=999_999_999)] = 0  # at most 9 digits, like numbers in commands
    talk_file: Path | None = None
    nickname: frozenset[str] = frozenset({"小助手"})
    fetch_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (80, 443)
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = None
    sandbox: bool = False

    @field_validator("onebot_access_token", "talk_file", "public_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

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
        if self.sandbox and self.talk_groups:
            raise ValueError("SANDBOX 和 TALK_GROUPS 不能同时设置：沙盒只服务它自己的群")
        if self.sandbox and not self.on_loopback:
            raise ValueError(f"HOST={self.host}：沙盒没有密码，只能监听本机（127.0.0.1）")
        if not self.onebot_access_token and not self.on_loopback:
            raise ValueError(
                f"HOST={self.host}：对外开放时要有 ONEBOT_ACCESS_TOKEN，否则谁都能冒充 QQ 连进来；设一个长口令"
            )
        if not self.onebot_access_token and self.public_url:
            raise ValueError("PUBLIC_URL：还没有 ONEBOT_ACCESS_TOKEN，经过网站谁都能冒充 QQ 连进来；设一个长口令")
        if not self.sandbox and not self.talk_groups:
            raise ValueError("TALK_GROUPS 没有设置：写上要服务的群号，例 [123456789]；只想试试就设 SANDBOX=true")
        return self

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
    def secrets(self) -> tuple[str, ...]:
        """Values that must not be logged: the token and the database password."""
        return tuple(each for each in (self.onebot_access_token, urlsplit(self.database_url).password) if each)

    @property
    def groups(self) -> tuple[int, ...]:
        """The groups that this process serves."""
        return (SANDBOX_GROUP,) if self.sandbox else tuple(dict.fromkeys(self.talk_groups or ()))

    @property
    def database(self) -> str:
        """The database URL; the sandbox has its own."""
        return SANDBOX_DATABASE if self.sandbox else self.database_url


def load_settings(env_files: tuple[str, ...] = ENV_FILES, **overrides: Any) -> Settings:
    """Read the environment and the .env files. Without either, use the sandbox. Raises BadSetting."""
    given: dict[str, Any] = {"_env_file": env_files, **overrides}
    try:
        asked = _Asked(**given)
        written = any(Path(each).is_file() for each in env_files)
        if asked.talk_groups is None and asked.sandbox is None and not written:
            given["sandbox"] = True
        return Settings(**given)
    except UnicodeDecodeError as error:
        raise BadSetting(".env 不是 UTF-8 编码，请用 UTF-8 另存一次") from error
    except (SettingsError, ValidationError) as error:
        raise BadSetting(explain(error)) from error


class _Asked(BaseSettings):
    """Detects whether groups or the sandbox are configured at all."""

    talk_groups: Any = None
    sandbox: Any = None


_SHAPES = {
    "TALK_GROUPS": "应为群号的 JSON 列表，例 [123456789]",
    "SUPERUSERS": '应为 QQ 号的 JSON 列表，例 ["10001"]',
    "COMMAND_START": '应为 JSON 列表，例 ["/"]',
    "NICKNAME": '应为 JSON 列表，例 ["小助手"]',
    "PORT": "应为 1 到 65535 的数字",
    "HOST": "应为 IP 地址，例 127.0.0.1",
    "LOG_LEVEL": f"应为 {' '.join(LOG_LEVELS)} 之一",
    "TALK_FIRST_NUMBER": "应为 0 或正整数，最多九位",
    "FETCH_PORTS": "应为端口的 JSON 列表，例 [80,443]",
    "PUBLIC_URL": "应为网址，例 https://talk.example.org",
    "SANDBOX": "应为 true 或 false",
}


def explain(error: SettingsError | ValidationError) -> str:
    """The first error, in one line that names the variable."""
    if isinstance(error, SettingsError):  # its text: error parsing env var "talk_groups"
        name = str(error).rpartition(" ")[2].strip('"').upper()
        return f"{name} 的写法不对：{_SHAPES.get(name, '应为 JSON')}"
    first = error.errors()[0]
    if not first["loc"]:
        return first["msg"].removeprefix("Value error, ")
    name = str(first["loc"][0]).upper()
    given = str(first["input"]).replace("\n", " ")[:60]
    return f"{name}={given}：{_SHAPES.get(name, first['msg'])}"
