"""The talk bot. `python bot.py --help` says what it can be asked to do."""

import gc
import sys
from argparse import Namespace
from pathlib import Path

from db.refusals import CannotBackUp, CannotOpen
from plugins._operations import arguments
from plugins._operations.reading import read_all, read_alone
from plugins._talk.problems import Problems

ROOT = Path(__file__).parent  # the folder of this file: what .env and relative paths in it are relative to

# What a command needs is imported when it is asked for: all of it takes seconds, and wrong settings are told at once.


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
    gc.disable()  # until `serve`: what is loaded at the start stays, and looking through it takes a tenth of it
    settings, series = read_all(ROOT)
    from plugins._operations.starting import build, serve

    build(settings, series)
    serve(settings)


def doctor(_asked: Namespace) -> None:
    """Say how things are; ends with 1 if somebody is needed."""
    from plugins._operations.doctor import diagnose

    found = diagnose(ROOT)
    print(*found.printed(), sep="\n")
    sys.exit(1 if found.needs_somebody else 0)


def check(asked: Namespace) -> None:
    """Check settings and series, or one series' file."""
    settings, series = read_alone(ROOT, asked.file) if asked.file else read_all(ROOT)
    from plugins._operations.starting import rehearse

    rehearse(settings, series)
    if asked.file is not None:
        print(f"{asked.file} 没有问题：{series.name}")
        return
    print(f"设置没有问题：群 {list(settings.groups)}，系列 {series.name}（{settings.series_file or '内置'}）")


def backup(asked: Namespace) -> None:
    """Back up the database, pictures and series."""
    settings, series = read_all(ROOT)
    from plugins._operations import backups

    made = backups.make(settings, series, asked.file)
    print(f"备份好了：{made.path}（{made.path.stat().st_size / 1_000_000:.1f} MB）")


def restore(asked: Namespace) -> None:
    """Put a backup in the place of what is there."""
    settings, _ = read_all(ROOT)
    from plugins._operations import backups

    print(*backups.put_back(settings, asked.file.absolute()), sep="\n")


def export(asked: Namespace) -> None:
    """Write all talks into a file."""
    settings, series = read_all(ROOT)
    from plugins._operations import exchange

    print(exchange.write(settings, series, asked.file.absolute()))


def take_in(asked: Namespace) -> None:
    """Take in the talks of a file."""
    settings, series = read_all(ROOT)
    from plugins._operations import exchange

    for line in exchange.take_in(settings, series, asked.file.absolute(), asked.article):
        print(line)


def connect_napcat(asked: Namespace) -> None:
    """Write NapCat's network configuration."""
    settings, _ = read_all(ROOT)
    from plugins._operations import napcat

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
    "export": export,
    "import": take_in,
    "napcat": connect_napcat,
}

if __name__ == "__main__":
    main()
