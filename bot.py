"""The talk bot. `python bot.py --help` says what it can be asked to do."""

import gc
import sys
from argparse import Namespace
from pathlib import Path

import nonebot

from db.archive import CannotBackUp
from db.opening import CannotOpen
from plugins._operations import arguments, backups, napcat
from plugins._operations.doctor import diagnose
from plugins._operations.reading import read_all, read_series
from plugins._operations.starting import build, rehearse
from plugins._talk.problems import Problems

ROOT = Path(__file__).parent  # the folder of this file: what .env and relative paths in it are relative to


def main() -> None:
    """Do what the command line asks for; what is wrong is said, and ends it with 1."""
    asked = arguments.parse(sys.argv[1:])
    failed = "没有启动" if asked.command == "run" else "没有做成"
    try:
        _COMMANDS[asked.command](asked)
    except Problems as wrong:
        sys.exit(_listed(failed, wrong))
    except (CannotOpen, CannotBackUp) as error:
        sys.exit(f"{failed}：{error}")


def _listed(failed: str, wrong: Problems) -> str:
    if len(wrong.problems) == 1:
        return f"{failed}：{wrong}"
    return "\n".join([f"{failed}，这 {len(wrong.problems)} 处要改：", *(f"  {each}" for each in wrong.problems)])


def run(_asked: Namespace) -> None:
    """Start the bot."""
    build(*read_all(ROOT))
    gc.freeze()  # what is here now stays: the collector need not look at it again
    nonebot.run(app=None)


def doctor(_asked: Namespace) -> None:
    """Say how things are; ends with 1 if somebody is needed."""
    found = diagnose(ROOT)
    print(*found.printed(), sep="\n")
    sys.exit(1 if found.needs_somebody else 0)


def check(asked: Namespace) -> None:
    """Check settings and series, or one series' file."""
    if asked.file is not None:
        series = read_series(asked.file)
        print(f"{asked.file} 没有问题：{series.name}")
        return
    settings, series = read_all(ROOT)
    rehearse(settings, series)
    print(f"设置没有问题：群 {list(settings.groups)}，系列 {series.name}（{settings.series_file or '内置'}）")


def backup(asked: Namespace) -> None:
    """Back up the database, pictures and series."""
    made = backups.make(*read_all(ROOT), asked.file)
    print(f"备份好了：{made.path}（{made.path.stat().st_size / 1_000_000:.1f} MB）")


def restore(asked: Namespace) -> None:
    """Put a backup in the place of what is there."""
    settings, _ = read_all(ROOT)
    print(*backups.put_back(settings, asked.file.absolute()), sep="\n")


def connect_napcat(asked: Namespace) -> None:
    """Write NapCat's network configuration."""
    settings, _ = read_all(ROOT)
    had_token = settings.onebot_access_token is not None
    token = napcat.token_of(settings, asked.env or ROOT / ".env")
    url = asked.url or f"ws://{settings.own_address}/onebot/v11/ws"
    print("写好了：", *napcat.connect(asked.folder, url, token, asked.qq), sep="\n  ")
    print(f"NapCat 会连 {url}；重启 NapCat 生效" + ("" if had_token else "。新的 token 写进了 .env，机器人也要重启"))


_COMMANDS = {
    "run": run,
    "doctor": doctor,
    "check": check,
    "backup": backup,
    "restore": restore,
    "napcat": connect_napcat,
}

if __name__ == "__main__":
    main()
