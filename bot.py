"""Start the talk bot: settings, series, database, then NoneBot with the plugins. With `doctor`: say how it is."""

import gc
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import nonebot
from nonebot.config import SettingsError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from db.migrate import is_current
from db.opening import CannotOpen, look_into, open_database
from db.queries import search
from plugins._chat.commands.dispatcher import listen
from plugins._chat.config import BadSetting, Settings, explain, load_settings
from plugins._chat.connection import duty
from plugins._chat.doors import Doors, ReverseWebSocket
from plugins._chat.logs import set_up_log
from plugins._chat.reader import Reader
from plugins._chat.service import Service, open_service
from plugins._talk.deliveries.doctor import look_over
from plugins._talk.render.minutes import check_template
from plugins._talk.series_file import BadSeries, load_series
from plugins._talk.usecases.desk import Rules
from plugins._talk.usecases.rekey import bring_keys_up_to_date
from plugins._talk.web.fetch import Fetcher
from plugins._talk.web.lookup import Titles

PLUGINS = Path(__file__).with_name("plugins")


def main() -> None:
    """Start, or end with one line that says what is wrong."""
    try:
        build(load_settings())
    except (BadSetting, BadSeries, CannotOpen) as problem:
        sys.exit(f"没有启动：{problem}")
    gc.freeze()  # what is here now stays: the collector need not look at it again
    nonebot.run(app=None)


def build(settings: Settings) -> None:
    """Set everything up, short of listening. Raises BadSetting, BadSeries or CannotOpen."""
    series = load_series(settings.talk_file)
    check_template(series)
    start_nonebot(settings)
    check_port(settings)
    db = open_database(settings.database)
    try:
        with db.writer.begin() as connection:
            bring_keys_up_to_date(connection, datetime.now(UTC))
            search.refresh(connection)
    except DBAPIError as error:
        raise CannotOpen(f"数据库读写出错（{error.orig}），文件可能损坏：请从备份恢复") from error
    rules = Rules.of(series, settings.talk_first_number)
    reader = Reader(Titles(Fetcher(settings.fetch_ports)) if settings.fetch_ports else None, series.advertising)
    nonebot.get_driver().on_shutdown(db.close)  # the last hook is run first: the plugins still have their database
    nonebot.get_driver().on_shutdown(reader.stop)
    public_url = settings.public_url and settings.public_url.rstrip("/")
    open_service(Service(rules=rules, db=db, groups=settings.groups, reader=reader, public_url=public_url))
    load_plugins(sandbox=settings.sandbox)
    announce(settings)


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
    """NoneBot takes its own values from the environment; ours are checked already and handed over."""
    set_up_log(settings.log_level, settings.secrets)
    try:
        nonebot.init(
            driver="~fastapi",
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            onebot_access_token=settings.onebot_access_token,
            nickname=set(settings.nickname),
        )
    except (SettingsError, ValidationError) as error:
        raise BadSetting(explain(error)) from error
    nonebot.get_driver().register_adapter(ReverseWebSocket)
    hosts, token = settings.hosts, settings.onebot_access_token is not None
    nonebot.get_app().add_middleware(Doors, hosts=hosts, origin=settings.origin, token=token)


def load_plugins(*, sandbox: bool) -> None:
    """Load the feature plugins, in the order of their names; one that cannot be loaded ends the start."""
    names = sorted(each.name for each in PLUGINS.iterdir() if each.is_dir() and not each.name.startswith(("_", ".")))
    for name in names:
        if (sandbox or name != "sandbox") and nonebot.load_plugin(f"plugins.{name}") is None:
            raise BadSetting(f"plugins/{name} 没有装上，原因见上；版块的 key 和 short 不能和命令重名（TALK_FILE）")
    listen()
    duty.register()


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


def doctor() -> None:
    """Print a status report, whether or not the bot is running; exits with 1 if something needs attention."""
    try:
        settings = load_settings()
        series = load_series(settings.talk_file)
        engine = look_into(settings.database)
        print(f"设置没有问题；数据库 {engine.url}；群 {list(settings.groups)}")
        with engine.connect() as connection:
            if not is_current(connection):
                sys.exit("数据库版本与程序不一致：下次启动时会自动升级")
            report = look_over(connection, series, datetime.now(UTC))
    except (BadSetting, BadSeries, CannotOpen) as problem:
        sys.exit(f"有问题：{problem}")
    except DBAPIError as error:
        sys.exit(f"有问题：数据库打不开（{error.orig}）")
    print(*report.lines, sep="\n")
    sys.exit(0 if report.healthy else 1)


if __name__ == "__main__":
    doctor() if sys.argv[1:] == ["doctor"] else main()
