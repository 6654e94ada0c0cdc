"""What bot.py is asked to do on the command line."""

import argparse
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from plugins._chat.version import VERSION

COMMANDS = {
    "run": "启动机器人（不写命令也是）",
    "doctor": "看看哪里不对、怎么修；有事要人管就以 1 结束",
    "check": "检查设置和系列文件，不启动。check 系列.toml 只看那个文件",
    "backup": "备份数据库、图片和系列，机器人开着也行。可写文件名",
    "restore": "从备份恢复，先停掉机器人；原来的会留着",
    "export": "把各期写成文件：talks.json、talks.md 或 talks.zip（带图片）",
    "import": "收进 export 的文件，或一篇已发表的文章（Markdown）；先停掉机器人",
    "napcat": "写好 NapCat 的网络配置，让它连上这个机器人",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line in Chinese, and what there is."""
        print(f"看不懂：{message}", file=sys.stderr)
        print(_listed(), file=sys.stderr)
        sys.exit(2)


def _listed() -> str:
    return "\n".join(["可以用：", *(f"  python bot.py {name:8} {help}" for name, help in COMMANDS.items())])


def parse(words: list[str]) -> argparse.Namespace:
    """The command with what it is given.

    `file` for check, backup, restore, export and import, `article` for import, and `folder`, `qq`, `env` and `url` for
    napcat.
    """
    parser = _Parser(
        prog="bot.py", description="QQ 群 talk 机器人", epilog=_listed(), add_help=False, allow_abbrev=False
    )
    parser.add_argument("--help", "-h", action="help", help="看这一页")
    parser.add_argument("--version", action="version", version=VERSION, help="看版本")
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        near = get_close_matches(words[0], COMMANDS, n=1)
        parser.error(f"没有 {words[0]} 这个命令" + (f"，是不是 {near[0]}？" if near else ""))
    commands = parser.add_subparsers(dest="command", metavar="命令", parser_class=_Parser)
    each = {name: commands.add_parser(name, help=help, add_help=False) for name, help in COMMANDS.items()}
    for one in each.values():
        one.add_argument("--help", "-h", action="help", help="看这一页")
    each["check"].add_argument("file", nargs="?", type=Path, help="系列的 TOML 文件")
    each["backup"].add_argument("file", nargs="?", type=Path, help="备份写到哪里")
    each["restore"].add_argument("file", type=Path, help="备份文件")
    each["export"].add_argument("file", type=Path, help="写到哪里：.json、.md 或 .zip")
    each["import"].add_argument("file", type=Path, help="文件：.json、.md 或 .zip")
    each["import"].add_argument("--article", help="这篇文章的网址")
    folder = Path("napcat/config")
    each["napcat"].add_argument("folder", nargs="?", type=Path, default=folder, help="NapCat 的 config 文件夹")
    each["napcat"].add_argument("--qq", type=int, help="机器人的 QQ 号：只给这个账号写")
    each["napcat"].add_argument("--env", type=Path, help="要写 token 的 .env（默认 bot.py 旁边的）")
    each["napcat"].add_argument("--url", help="NapCat 连接的地址，容器里是 ws://nonebot:8080/onebot/v11/ws")
    asked = parser.parse_args(words)
    asked.command = asked.command or "run"
    return asked
