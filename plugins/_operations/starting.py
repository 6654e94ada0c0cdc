"""Starting the bot: series, database, NoneBot with the plugins; and a rehearsal of it that opens nothing."""

import gc
import socket
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import nonebot
from nonebot.config import SettingsError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from db.engine import Database
from db.opening import open_database, open_nowhere, parse_url, upgrade_apart
from db.queries import search
from db.refusals import CannotOpen
from plugins._chat.commands.dispatcher import listen
from plugins._chat.commands.registry import commands
from plugins._chat.config import ENV_FILES, BadSetting, Settings
from plugins._chat.connection import duty
from plugins._chat.doors import Doors
from plugins._chat.incoming.adapter import Discreet, ReverseWebSocket
from plugins._chat.logs import Once, says_everything, set_up_log
from plugins._chat.presence.timekeeping import elapsed
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._chat.stores.drawings import Drawings
from plugins._operations import backups
from plugins._talk.series import Series
from plugins._talk.series_file import BadSeries
from plugins._talk.usecases.desk import Rules
from plugins._talk.usecases.rekey import bring_keys_up_to_date
from plugins._talk.web.on_demand import LookupOnDemand

PLUGINS = Path(__file__).parents[1]
PATIENCE = 5  # seconds that a connection may take to end when the bot does: one that is just being made never would
LEGACY_PICTURES = "pictures"  # the folder in which version 0007 and older kept them


def build(settings: Settings, series: Series) -> None:
    """Set everything up, short of listening. Raises Problems, CannotOpen or CannotBackUp."""
    start_nonebot(settings)
    check_port(settings)
    db = _database(settings, series)
    try:
        with db.writer.begin() as connection:
            bring_keys_up_to_date(connection, datetime.now(UTC))
            search.refresh(connection)
    except DBAPIError as error:
        raise CannotOpen(f"数据库读写出错（{error.orig}），文件可能损坏：请从备份恢复") from error
    nonebot.get_driver().on_shutdown(db.close)  # the last hook is run first: the plugins still have their database
    nonebot.get_driver().on_shutdown(_open_service(settings, series, db).reader.stop)
    load_plugins(settings)
    listen()
    duty.register()
    announce(settings)


def rehearse(settings: Settings, series: Series) -> None:
    """Load all plugins without a database, and listen nowhere: what they clash in is told.

    Raises Problems, or CannotOpen for an address that is no database's.
    """
    parse_url(settings.database)
    start_nonebot(settings.model_copy(update={"log_level": "CRITICAL", "log_file": None}))
    _open_service(settings, series, open_nowhere())
    load_plugins(settings)


def _database(settings: Settings, series: Series) -> Database:
    """The database, upgraded if it is older, after a backup of it; of a newer one the newest backup is named."""
    if kept := backups.before_upgrade(settings, series):
        nonebot.logger.warning(f"数据库要升级，先备份到了 {kept}")
    upgrade_apart(settings.database, settings.data / LEGACY_PICTURES)
    try:
        return open_database(settings.database, settings.data / LEGACY_PICTURES)
    except CannotOpen as error:
        if not error.newer:
            raise
        last = backups.newest(settings)
        way = f"；要退回旧程序就 python bot.py restore {last}" if last else "；没有找到旧版本的备份"
        raise CannotOpen(f"{error}{way}") from error


def _open_service(settings: Settings, series: Series, db: Database) -> Service:
    opened = Service(
        rules=Rules.of(series, settings.talk_first_number),
        db=db,
        groups=settings.groups,
        reader=Reader(LookupOnDemand(settings.fetch_ports) if settings.fetch_ports else None, series.advertising),
        public_url=settings.public_url and settings.public_url.rstrip("/"),
        site=settings.site,
        drawings=Drawings(settings.data / "drawn"),
        files=settings.data / "files",
        data=settings.data,
        database=settings.database,
        backups=0 if settings.sandbox else settings.backups,
        series_file=settings.series_file,
    )
    open_service(opened)
    return opened


def serve(settings: Settings) -> None:
    """Listen until the process is told to end."""
    gc.freeze()  # what is here now stays: the collector need not look at it again
    gc.enable()
    nonebot.run(
        app=None,
        ws_per_message_deflate=False,  # OneBot's side is near: compressing takes longer than sending
        forwarded_allow_ips=list(settings.trusted_proxies),
        access_log=False,  # what people search for is theirs, as what they say
        timeout_graceful_shutdown=PATIENCE,
    )


def check_port(settings: Settings) -> None:
    """Check that the port is free. Raises BadSetting."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadSetting(f"HOST、PORT：{settings.address} 用不了（{error.strerror}），可能已被占用") from error


def start_nonebot(settings: Settings) -> None:
    """Initialise NoneBot; ours are checked already and handed over. Raises BadSetting."""
    log_file = settings.root / settings.log_file if settings.log_file else None
    try:
        set_up_log(settings.log_level, settings.secrets, log_file, settings.log_format)
    except OSError as error:
        raise BadSetting(f"LOG_FILE={settings.log_file}：写不了（{error.strerror}）") from error
    try:
        nonebot.init(
            _env_file=tuple(settings.root / name for name in ENV_FILES),
            driver="~fastapi",
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            onebot_access_token=settings.onebot_access_token,
            nickname=set(settings.nickname),
            superusers=set(settings.superusers),
            command_start=set(settings.command_start),
        )
    except SettingsError as error:  # its text: error parsing env var "api_timeout"
        name = str(error).rpartition(" ")[2].strip('"').upper()
        raise BadSetting(f"{name} 的写法不对：应为 JSON") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, each['loc'])).upper()}：{each['msg']}" for each in error.errors())
        raise BadSetting(*wrong) from error
    nonebot.get_driver().register_adapter(ReverseWebSocket)
    if not says_everything(settings.log_level):
        ReverseWebSocket.add_custom_model(Discreet)
    nonebot.get_app().add_middleware(
        Doors,
        hosts=settings.hosts,
        origin=settings.origin,
        token=settings.onebot_access_token,
        wrong_token=wrong_token(Once(elapsed)),
    )


def wrong_token(remarks: Once) -> Callable[[str], None]:
    """Says in the log, once an hour for each address, that somebody tries to connect with a wrong token."""

    def say(address: str) -> None:
        if remarks.say(address):
            nonebot.logger.warning(
                f"{address} 想连进来，token 不对或没带：NapCat、LLBot 网络配置里的 token 要和 ONEBOT_ACCESS_TOKEN 一样"
            )

    return say


def load_plugins(settings: Settings) -> None:
    """Load the feature plugins, in the order of their names, then those that `nb plugin install` wrote down.

    Raises BadSetting for one that cannot be loaded, BadSeries for commands that clash.
    """
    names = sorted(each.name for each in PLUGINS.iterdir() if each.is_dir() and not each.name.startswith(("_", ".")))
    ours = [f"plugins.{name}" for name in names if settings.sandbox or name != "sandbox"]
    if broken := [name for name in (*ours, *installed(settings.root)) if not _loads(name)]:
        raise BadSetting(*(f"插件 {name} 没有装上，原因见日志" for name in broken))
    if commands.clashes:
        where = settings.series_file or "内置的系列"
        raise BadSeries(*(f"{where}：{clash}，改一下版块的 key、name 或 short" for clash in commands.clashes))


def _loads(name: str) -> bool:
    """Load a plugin, unless another one has brought it along."""
    return (nonebot.get_plugin_by_module_name(name) or nonebot.load_plugin(name)) is not None


def installed(root: Path) -> list[str]:
    """The plugins in pyproject.toml's [tool.nonebot], as nb-cli writes them: a list, or lists by package."""
    try:
        told = tomllib.loads((root / "pyproject.toml").read_text("utf-8-sig")).get("tool", {}).get("nonebot", {})
    except (OSError, ValueError):
        return []
    plugins: list[str] | dict[str, list[str]] = told.get("plugins", [])
    return [name for names in plugins.values() for name in names] if isinstance(plugins, dict) else plugins


def announce(settings: Settings) -> None:
    """Say where things are and what to do next, whatever the log level."""
    driver = nonebot.get_driver()

    async def say() -> None:
        if settings.sandbox:
            print(f"沙盒：在浏览器打开 http://{settings.address}/sandbox ，选一个人，发 /帮助 试试", flush=True)
        else:
            print(
                f"等待 OneBot 实现连接：ws://{settings.address}/onebot/v11/ws ，服务的群：{list(settings.groups)}",
                flush=True,
            )
            if settings.everywhere:
                print(f"在别的机器或容器里连接时，把 {settings.host} 换成本机的 IP", flush=True)
            print("下一步：在 NapCat 里新建「Websocket 客户端」，填上面的地址和 token，然后在群里发 /帮助", flush=True)

    driver.on_startup(say)
